const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** UTF-8 without TextEncoder, which WeChat lacks. */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const part of encodeURIComponent(text).match(/%..|[^%]/g) ?? []) {
    bytes.push(part.length === 3 ? parseInt(part.slice(1), 16) : part.charCodeAt(0))
  }
  return Uint8Array.from(bytes)
}

/** base64url without padding (RFC 4648 §5). */
export function b64(raw: Uint8Array): string {
  let out = ''
  for (let at = 0; at < raw.length; at += 3) {
    const [a, b, c] = [raw[at], raw[at + 1], raw[at + 2]]
    out += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)]
    if (b !== undefined) out += ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)]
    if (c !== undefined) out += ALPHABET[c & 63]
  }
  return out
}

export function unb64(text: string): Uint8Array {
  const out: number[] = []
  let held = 0
  let bits = 0
  for (const char of text) {
    const value = ALPHABET.indexOf(char)
    if (value < 0) throw new RangeError('not base64url')
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) out.push((held >> (bits -= 8)) & 0xff)
  }
  return Uint8Array.from(out)
}

/** A JSON value in base64url. */
export function jsonOf(text: string): unknown {
  const escaped = Array.from(unb64(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  return JSON.parse(decodeURIComponent(escaped))
}
