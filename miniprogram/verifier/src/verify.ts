/** The same as backend/presentation/verifying.py: a presentation checked with what is at hand. */

import { sha256 } from '@noble/hashes/sha2'
import { unzlibSync } from 'fflate'
import { type Claims, MOST_CHARS, Refused, b64, isObject, jsonOf, momentIn, textIn, unb64, utf8 } from './bytes'
import { type KeySet, type Token, found, holds, keyOf, parse } from './jose'

export const LEEWAY_S = 60
export const MAX_AGE_S = 300
const REGISTERED = ['iss', 'vct', 'iat', 'nbf', 'exp', 'cnf', 'status', 'type_name', 'issuing_authority', 'as_of']
const RESERVED = ['_sd', '...', '_sd_alg']
const DEEPEST = 8
const MOST_LIST_BYTES = 4 << 20

export interface StatusList {
  uri: string
  issuedAt: number
  expiresAt: number
  bits: number
  packed: Uint8Array
}

export interface Facts {
  vct: string
  typeName: string
  authority: string
  shown: Claims
  asOf: number
  expiresAt: number
  statusAsOf: number
  audience: string
  presentedAt: number
}

export interface Asked {
  audience: string | null
  nonce: string | null
  now: number
}

export const digest = (text: string): string => b64(sha256(utf8(text)))

export function readList(text: string, keys: KeySet): StatusList {
  const token = parse(text.trim(), 'statuslist+jwt')
  if (!holds(found(keys, token), token)) throw new Refused('altered')
  const listed = token.claims.status_list
  if (!isObject(listed) || ![1, 2, 4, 8].includes(listed.bits as number)) throw new Refused('malformed')
  return {
    uri: textIn(token.claims, 'sub'),
    issuedAt: momentIn(token.claims, 'iat'),
    expiresAt: momentIn(token.claims, 'exp'),
    bits: listed.bits as number,
    packed: inflated(unb64(listed.lst)),
  }
}

function inflated(raw: Uint8Array): Uint8Array {
  try {
    return unzlibSync(raw, { out: new Uint8Array(MOST_LIST_BYTES) })
  } catch {
    throw new Refused('malformed')
  }
}

export function statusAt(list: StatusList, place: number): number {
  const each = 8 / list.bits
  if (place >= list.packed.length * each) throw new Refused('malformed')
  return (list.packed[Math.floor(place / each)] >> ((place % each) * list.bits)) & ((1 << list.bits) - 1)
}

export function verify(text: string, keys: KeySet, lists: Map<string, StatusList>, asked: Asked): Facts {
  const { jwt, disclosures, shown, binding } = takeApart(text)
  const token = parse(jwt, 'dc+sd-jwt')
  if (!holds(found(keys, token), token)) throw new Refused('altered')
  if (keys.issuer && token.claims.iss !== keys.issuer) throw new Refused('wrong_issuer')
  if (momentIn(token.claims, 'nbf') > asked.now + LEEWAY_S) throw new Refused('not_yet_valid')
  if (momentIn(token.claims, 'exp') <= asked.now) throw new Refused('expired')
  const claims = disclosed(token.claims, disclosures)
  const bound = boundBy(binding, shown, token.claims)
  forUs(bound.claims, asked)
  const list = statusOf(token.claims, lists, asked.now)
  const facts = Object.entries(claims).filter(([name]) => !REGISTERED.includes(name))
  return {
    vct: textIn(token.claims, 'vct'),
    typeName: textIn(token.claims, 'type_name'),
    authority: textIn(token.claims, 'issuing_authority'),
    shown: Object.fromEntries(facts),
    asOf: momentIn(token.claims, 'as_of'),
    expiresAt: momentIn(token.claims, 'exp'),
    statusAsOf: list.issuedAt,
    audience: textIn(bound.claims, 'aud'),
    presentedAt: momentIn(bound.claims, 'iat'),
  }
}

function takeApart(text: string) {
  const whole = text.trim()
  if (whole.length > MOST_CHARS || !/^[\x21-\x7e]*$/.test(whole)) throw new Refused('malformed')
  const [jwt, ...disclosures] = whole.split('~')
  const binding = disclosures.pop()
  if (binding === undefined || disclosures.length > 200) throw new Refused('malformed')
  return { jwt, disclosures, binding, shown: whole.slice(0, whole.length - binding.length) }
}

function boundBy(binding: string, shown: string, claims: Claims): Token {
  if (!binding || !isObject(claims.cnf)) throw new Refused('no_key_binding')
  const token = parse(binding, 'kb+jwt')
  const key = keyOf(claims.cnf.jwk)
  if (key.alg !== token.alg || !holds(key, token)) throw new Refused('wrong_holder')
  if (token.claims.sd_hash !== digest(shown)) throw new Refused('altered')
  return token
}

function forUs(claims: Claims, asked: Asked): void {
  if (asked.audience !== null && textIn(claims, 'aud') !== asked.audience) throw new Refused('wrong_audience')
  if (asked.nonce !== null && textIn(claims, 'nonce') !== asked.nonce) throw new Refused('wrong_nonce')
  const signedAt = momentIn(claims, 'iat')
  if (signedAt < asked.now - MAX_AGE_S || signedAt > asked.now + LEEWAY_S) throw new Refused('not_fresh')
}

function statusOf(claims: Claims, lists: Map<string, StatusList>, now: number): StatusList {
  const reference = isObject(claims.status) ? claims.status.status_list : undefined
  if (!isObject(reference)) throw new Refused('malformed')
  const list = lists.get(textIn(reference, 'uri'))
  if (list === undefined) throw new Refused('status_missing')
  if (list.expiresAt <= now) throw new Refused('status_stale')
  const stands = statusAt(list, momentIn(reference, 'idx'))
  if (stands === 2) throw new Refused('suspended')
  if (stands !== 0) throw new Refused('withdrawn')
  return list
}

/** Puts the shown facts in their places (RFC 9901 §7.1); each digest may stand once. */
function disclosed(claims: Claims, disclosures: string[]): Claims {
  if ((claims._sd_alg ?? 'sha-256') !== 'sha-256') throw new Refused('unsupported')
  const waiting = new Map(disclosures.map((each) => [digest(each), jsonOf(each)]))
  if (waiting.size !== disclosures.length) throw new Refused('disclosure_unknown')
  const seen = new Set<string>()

  const take = (mark: unknown): unknown => {
    if (typeof mark !== 'string' || seen.has(mark)) throw new Refused('malformed')
    seen.add(mark)
    const shown = waiting.get(mark)
    waiting.delete(mark)
    return shown
  }
  const filled = (value: Claims, depth: number): Claims => {
    if (depth > DEEPEST) throw new Refused('malformed')
    const result = new Map<string, unknown>()
    for (const [name, each] of Object.entries(value)) {
      if (name !== '_sd') result.set(name, inside(each, depth + 1))
    }
    const hidden = value._sd ?? []
    if (!Array.isArray(hidden)) throw new Refused('malformed')
    for (const mark of hidden) {
      const shown = take(mark)
      if (shown === undefined) continue
      const name = Array.isArray(shown) && shown.length === 3 ? shown[1] : undefined
      if (typeof name !== 'string' || RESERVED.includes(name) || result.has(name)) {
        throw new Refused('disclosure_unknown')
      }
      result.set(name, inside((shown as unknown[])[2], depth + 1))
    }
    return Object.fromEntries(result)
  }
  const inside = (value: unknown, depth: number): unknown => {
    if (Array.isArray(value)) return inList(value, depth)
    return isObject(value) ? filled(value, depth) : value
  }
  const inList = (values: unknown[], depth: number): unknown[] => {
    if (depth > DEEPEST) throw new Refused('malformed')
    return values.flatMap((each) => {
      if (!isObject(each) || Object.keys(each).join() !== '...') return [inside(each, depth + 1)]
      const shown = take(each['...'])
      if (shown === undefined) return []
      if (!Array.isArray(shown) || shown.length !== 2) throw new Refused('disclosure_unknown')
      return [inside(shown[1], depth + 1)]
    })
  }

  const result = filled(claims, 0)
  if (waiting.size > 0) throw new Refused('disclosure_unknown')
  delete result._sd_alg
  return result
}
