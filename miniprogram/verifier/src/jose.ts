/** Compact signatures (RFC 7515) and keys (RFC 7517): EdDSA, ES256 and SM2. */

import { ed25519 } from '@noble/curves/ed25519'
import { p256 } from '@noble/curves/nist'
import { type Claims, Refused, isObject, joinedBytes, jsonObject, unb64, utf8 } from './bytes'
import { isOnCurve, verifySm2 } from './sm2'

export interface Key {
  alg: string
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

export interface KeySet {
  issuer: string
  keys: Map<string, Key>
}

export interface Token {
  alg: string
  kid: unknown
  claims: Claims
  signed: Uint8Array
  signature: Uint8Array
}

export function keyOf(jwk: unknown): Key {
  if (!isObject(jwk) || 'd' in jwk) throw new Refused('malformed')
  const kind = `${jwk.kty} ${jwk.crv}`
  if (kind === 'OKP Ed25519') return edKey(coordinate(jwk.x))
  if (kind === 'EC P-256') return es256Key(coordinate(jwk.x), coordinate(jwk.y))
  if (kind === 'EC SM2') return sm2Key(coordinate(jwk.x), coordinate(jwk.y))
  throw new Refused('unsupported')
}

function coordinate(text: unknown): Uint8Array {
  const raw = unb64(text)
  if (raw.length !== 32) throw new Refused('malformed')
  return raw
}

/** Whatever a library throws over a signature says that it is none. */
function quietly(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}

function edKey(x: Uint8Array): Key {
  return { alg: 'EdDSA', verify: (message, signature) => quietly(() => ed25519.verify(signature, message, x)) }
}

function es256Key(x: Uint8Array, y: Uint8Array): Key {
  const point = joinedBytes(Uint8Array.of(4), x, y)
  if (!quietly(() => !!p256.Point.fromHex(point))) throw new Refused('malformed')
  return {
    alg: 'ES256',
    verify: (message, signature) =>
      quietly(() => p256.verify(signature, message, point, { prehash: true, lowS: false })),
  }
}

function sm2Key(x: Uint8Array, y: Uint8Array): Key {
  if (!isOnCurve(x, y)) throw new Refused('malformed')
  return { alg: 'SM2', verify: (message, signature) => quietly(() => verifySm2(x, y, message, signature)) }
}

export function holds(key: Key, token: Token): boolean {
  return token.signature.length === 64 && key.verify(token.signed, token.signature)
}

export function keySet(document: unknown): KeySet {
  if (!isObject(document) || !Array.isArray(document.keys)) throw new Refused('malformed')
  const keys = new Map<string, Key>()
  for (const jwk of document.keys) {
    if (!isObject(jwk) || typeof jwk.kid !== 'string') throw new Refused('malformed')
    try {
      keys.set(jwk.kid, keyOf(jwk))
    } catch (error) {
      if (!(error instanceof Refused && error.reason === 'unsupported')) throw error
    }
  }
  return { issuer: typeof document.issuer === 'string' ? document.issuer : '', keys }
}

export function found(keys: KeySet, token: Token): Key {
  const key = typeof token.kid === 'string' ? keys.keys.get(token.kid) : undefined
  if (key === undefined || key.alg !== token.alg) throw new Refused('unknown_key')
  return key
}

export function parse(text: string, typ: string): Token {
  const parts = text.split('.')
  if (parts.length !== 3) throw new Refused('malformed')
  const [header, claims] = [jsonObject(parts[0]), jsonObject(parts[1])]
  if (header.typ !== typ || 'crit' in header) throw new Refused('malformed')
  const alg = header.alg
  if (alg !== 'EdDSA' && alg !== 'ES256' && alg !== 'SM2') throw new Refused('unsupported')
  const signed = utf8(`${parts[0]}.${parts[1]}`)
  return { alg, kid: header.kid, claims, signed, signature: unb64(parts[2]) }
}
