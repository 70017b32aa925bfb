/**
 * Showing a licence without a network: parts of an SD-JWT VC (RFC 9901), signed by this phone's key for
 * one verifier and one moment, in one or a few QR codes. The other side is verifier/src and
 * backend/presentation/packing.py.
 */
import { ed25519 } from '@noble/curves/ed25519'
import { sha256 } from '@noble/hashes/sha2'
import { deflateSync } from 'fflate'
import { b64, jsonOf, unb64, utf8 } from '@/lib/bytes'

/** Seconds for which a presentation is taken as fresh. */
export const FRESH_S = 300
/** Characters of a piece: about 77 squares a side, which the camera of an old phone reads, too. */
const PIECE = 520
const BASE45 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
// As in backend/presentation/packing.py, byte for byte.
const COMMON =
  '{"alg":"ES256","typ":"kb+jwt"}{"alg":"SM2","typ":"dc+sd-jwt","kid":"' +
  '{"alg":"EdDSA","typ":"dc+sd-jwt","kid":"{"iat":17,"aud":"","nonce":"","sd_hash":""}' +
  '{"iss":"https://","vct":"urn:shengshitong:licence:","type_name":"","issuing_authority":"' +
  '","iat":17,"nbf":17,"exp":17,"as_of":17,"cnf":{"jwk":{"kty":"OKP","crv":"Ed25519","x":"' +
  '"kty":"EC","crv":"P-256","x":"","y":""}},"status":{"status_list":{"idx":' +
  ',"uri":"https:///api/v1/public/verification/status-lists/"}},"_sd":["","' +
  '"],"_sd_alg":"sha-256"}'

/** The public half of a secret of 32 bytes, as a JWK (RFC 8037). */
export function publicJwk(secret: Uint8Array): Record<string, string> {
  return { kty: 'OKP', crv: 'Ed25519', x: b64(ed25519.getPublicKey(secret)) }
}

export interface Purpose {
  /** Name of who looks, as they say it. */
  audience: string
  /** What the verifier told, so that the presentation is good for this one time. */
  nonce: string
  /** Unix time. */
  now: number
}

/** The credential with the facts of these names alone, bound to a verifier and a moment. */
export function present(credential: string, names: readonly string[], secret: Uint8Array, purpose: Purpose): string {
  const [jwt, ...rest] = credential.split('~')
  const chosen = rest.filter((part) => part !== '' && names.includes(nameOf(part)))
  const shown = [jwt, ...chosen, ''].join('~')
  const head = { alg: 'EdDSA', typ: 'kb+jwt' }
  const claims = { iat: purpose.now, aud: purpose.audience, nonce: purpose.nonce, sd_hash: b64(sha256(utf8(shown))) }
  const signed = `${b64(utf8(JSON.stringify(head)))}.${b64(utf8(JSON.stringify(claims)))}`
  return `${shown}${signed}.${b64(ed25519.sign(utf8(signed), secret))}`
}

function nameOf(disclosure: string): string {
  const parts = jsonOf(disclosure)
  return Array.isArray(parts) && parts.length === 3 ? String(parts[1]) : ''
}

/** The texts of the QR codes, to be scanned in any order. */
export function pieces(presentation: string, size: number = PIECE): string[] {
  const raw = packed(presentation)
  const text = base45(raw)
  const mark = Array.from(sha256(raw).slice(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('').toUpperCase()
  const of = Math.ceil(text.length / size)
  return Array.from({ length: of }, (_, at) => `SST1:${at + 1}/${of}:${mark}:${text.slice(at * size, (at + 1) * size)}`)
}

function packed(presentation: string): Uint8Array {
  const out: number[] = []
  for (const part of presentation.split('~')) {
    const chunks = part === '' ? [] : part.split('.').map(unb64)
    out.push(chunks.length)
    for (const chunk of chunks) out.push(chunk.length >> 8, chunk.length & 0xff, ...chunk)
  }
  return deflateSync(Uint8Array.from(out), { level: 9, dictionary: utf8(COMMON) })
}

function base45(raw: Uint8Array): string {
  let out = ''
  for (let at = 0; at < raw.length; at += 2) {
    const pair = at + 1 < raw.length
    let value = pair ? (raw[at] << 8) | raw[at + 1] : raw[at]
    for (let left = pair ? 3 : 2; left > 0; left -= 1) {
      out += BASE45[value % 45]
      value = Math.floor(value / 45)
    }
  }
  return out
}
