/** Bytes and texts, and the one exception that verifying knows. */

export class Refused extends Error {
  constructor(readonly reason: string) {
    super(reason)
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUE = new Map([...ALPHABET].map((char, value) => [char, value]))
export const MOST_CHARS = 64 * 1024

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export function b64(raw: Uint8Array): string {
  let out = ''
  for (let place = 0; place < raw.length; place += 3) {
    const [a, b, c] = [raw[place], raw[place + 1], raw[place + 2]]
    out += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)]
    if (b !== undefined) out += ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)]
    if (c !== undefined) out += ALPHABET[c & 63]
  }
  return out
}

/** base64url without padding; no other spelling of the same bytes passes. */
export function unb64(text: unknown): Uint8Array {
  if (typeof text !== 'string' || text.length > MOST_CHARS) throw new Refused('malformed')
  const out: number[] = []
  let held = 0
  let bits = 0
  for (const char of text) {
    const value = VALUE.get(char)
    if (value === undefined) throw new Refused('malformed')
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) out.push((held >> (bits -= 8)) & 0xff)
  }
  const raw = Uint8Array.from(out)
  if (b64(raw) !== text) throw new Refused('malformed')
  return raw
}

export function jsonOf(text: unknown): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(unb64(text)))
  } catch (error) {
    throw error instanceof Refused ? error : new Refused('malformed')
  }
}

export type Claims = Record<string, unknown>

export function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function jsonObject(text: unknown): Claims {
  const found = jsonOf(text)
  if (!isObject(found)) throw new Refused('malformed')
  return found
}

export function textIn(claims: Claims, name: string): string {
  const value = claims[name]
  if (typeof value !== 'string') throw new Refused('malformed')
  return value
}

export function momentIn(claims: Claims, name: string): number {
  const value = claims[name]
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Refused('malformed')
  return value as number
}

export const numberOf = (raw: Uint8Array): bigint => BigInt('0x' + (hexOf(raw) || '0'))

export const hexOf = (raw: Uint8Array): string =>
  Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function joinedBytes(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let place = 0
  for (const part of parts) {
    out.set(part, place)
    place += part.length
  }
  return out
}
