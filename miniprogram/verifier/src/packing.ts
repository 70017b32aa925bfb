/** A presentation out of QR codes: the other side of backend/presentation/packing.py. */

import { sha256 } from '@noble/hashes/sha2'
import { inflateSync } from 'fflate'
import { MOST_CHARS, Refused, b64, hexOf, utf8 } from './bytes'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const MOST_PIECES = 20
// As there, byte for byte.
const COMMON =
  '{"alg":"ES256","typ":"kb+jwt"}{"alg":"SM2","typ":"dc+sd-jwt","kid":"' +
  '{"alg":"EdDSA","typ":"dc+sd-jwt","kid":"{"iat":17,"aud":"","nonce":"","sd_hash":""}' +
  '{"iss":"https://","vct":"urn:shengshitong:licence:","type_name":"","issuing_authority":"' +
  '","iat":17,"nbf":17,"exp":17,"as_of":17,"cnf":{"jwk":{"kty":"OKP","crv":"Ed25519","x":"' +
  '"kty":"EC","crv":"P-256","x":"","y":""}},"status":{"status_list":{"idx":' +
  ',"uri":"https:///api/v1/public/verification/status-lists/"}},"_sd":["","' +
  '"],"_sd_alg":"sha-256"}'

export interface Piece {
  number: number
  of: number
  mark: string
  text: string
}

export const isPiece = (text: string): boolean => text.startsWith('SST1:')

export function readPiece(text: string): Piece {
  const match = /^SST1:([1-9]\d?)\/([1-9]\d?):([0-9A-F]{8}):(.*)$/.exec(text.replace(/[\r\n]+$/, ''))
  if (match === null) throw new Refused('malformed')
  const [number, of] = [Number(match[1]), Number(match[2])]
  if (number > of || of > MOST_PIECES) throw new Refused('malformed')
  return { number, of, mark: match[3], text: match[4] }
}

export function joined(texts: string[]): string {
  const pieces = texts.map(readPiece)
  const held = new Map<number, string>()
  for (const piece of pieces) {
    if ((held.get(piece.number) ?? piece.text) !== piece.text) throw new Refused('incomplete')
    held.set(piece.number, piece.text)
  }
  const { of, mark } = pieces[0] ?? { of: 0, mark: '' }
  const whole = pieces.every((piece) => piece.of === of && piece.mark === mark)
  if (!whole || of === 0 || held.size !== of) throw new Refused('incomplete')
  const raw = unbase45([...held.entries()].sort((a, b) => a[0] - b[0]).map((each) => each[1]).join(''))
  if (hexOf(sha256(raw)).slice(0, 8).toUpperCase() !== mark) throw new Refused('incomplete')
  return unpacked(raw)
}

function unbase45(text: string): Uint8Array {
  const out: number[] = []
  for (let place = 0; place < text.length; place += 3) {
    const values = [...text.slice(place, place + 3)].map((char) => ALPHABET.indexOf(char))
    if (values.length === 1 || values.includes(-1)) throw new Refused('malformed')
    const number = values[0] + 45 * values[1] + 2025 * (values[2] ?? 0)
    if (number >= 1 << (8 * (values.length - 1))) throw new Refused('malformed')
    if (values.length === 3) out.push(number >> 8)
    out.push(number & 0xff)
  }
  return Uint8Array.from(out)
}

function unpacked(raw: Uint8Array): string {
  let plain: Uint8Array
  try {
    plain = inflateSync(raw, { dictionary: utf8(COMMON), out: new Uint8Array(MOST_CHARS) })
  } catch {
    throw new Refused('malformed')
  }
  const parts: string[] = []
  let place = 0
  while (place < plain.length) {
    const chunks: string[] = []
    let left = plain[place++]
    while (left-- > 0) {
      const length = (plain[place] << 8) | plain[place + 1]
      chunks.push(b64(plain.slice(place + 2, place + 2 + length)))
      place += 2 + length
    }
    parts.push(chunks.join('.'))
  }
  if (place !== plain.length) throw new Refused('malformed')
  return parts.join('~')
}
