import { ed25519 } from '@noble/curves/ed25519'
import { sha256 } from '@noble/hashes/sha2'
import { zlibSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { b64, jsonOf, unb64, utf8 } from '@/lib/bytes'
import { pieces, present, publicJwk } from '@/licence/presenting'
import { keySet } from '../verifier/src/jose'
import { joined } from '../verifier/src/packing'
import { readList, verify } from '../verifier/src/verify'

const NOW = 1_795_000_000
const ISSUER = 'https://gov.example'
const LIST = `${ISSUER}/api/v1/public/verification/status-lists/0-ed25519`
const issuer = new Uint8Array(32).fill(7)
const phone = new Uint8Array(32).fill(9)
const keys = keySet({ issuer: ISSUER, keys: [{ ...publicJwk(issuer), kid: 'k1' }] })

function signed(typ: string, claims: object): string {
  const text = [{ alg: 'EdDSA', typ, kid: 'k1' }, claims].map((part) => b64(utf8(JSON.stringify(part)))).join('.')
  return `${text}.${b64(ed25519.sign(utf8(text), issuer))}`
}

const disclosures = [
  ['s1', 'holder_name', '张建国'],
  ['s2', 'age_over_18', true],
  ['s3', 'birth_date', '1990-01-01'],
].map((part) => b64(utf8(JSON.stringify(part))))
const credential = [
  signed('dc+sd-jwt', {
    iss: ISSUER, vct: 'urn:shengshitong:licence:x', type_name: '居民身份证', issuing_authority: '广东省公安厅',
    iat: NOW, nbf: NOW, exp: NOW + 86_400, as_of: NOW, cnf: { jwk: publicJwk(phone) },
    status: { status_list: { idx: 3, uri: LIST } }, _sd: disclosures.map((each) => b64(sha256(utf8(each)))), _sd_alg: 'sha-256',
  }),
  ...disclosures,
  '',
].join('~')
const list = readList(signed('statuslist+jwt', { sub: LIST, iat: NOW, exp: NOW + 86_400, status_list: { bits: 2, lst: b64(zlibSync(new Uint8Array(16))) } }), keys)
const asked = { audience: '示范酒店前台', nonce: '42', now: NOW }
const check = (text: string, changes = {}) => verify(text, keys, new Map([[LIST, list]]), { ...asked, ...changes })

describe('showing without a network', () => {
  const shown = present(credential, ['age_over_18'], phone, asked)

  test('the verifier sees the chosen facts and no other, out of the QR codes', () => {
    const texts = pieces(shown, 300)
    expect(texts.length).toBeGreaterThan(1)
    const facts = check(joined(texts.reverse()))
    expect(facts.shown).toEqual({ age_over_18: true })
    expect(facts.typeName).toBe('居民身份证')
    expect(shown).not.toContain(disclosures[0])
    expect(shown).not.toContain(disclosures[2])
  })

  test('no fact at all is a presentation, too', () => {
    expect(check(present(credential, [], phone, asked)).shown).toEqual({})
  })

  test.each([
    ['wrong_audience', { audience: '别的酒店' }],
    ['wrong_nonce', { nonce: '43' }],
    ['not_fresh', { now: NOW + 400 }],
  ])('%s', (reason, changes) => {
    expect(() => check(shown, changes)).toThrow(reason)
  })

  test('another phone cannot show it', () => {
    expect(() => check(present(credential, [], issuer, asked))).toThrow('wrong_holder')
  })

  test('a piece fits a QR code', () => {
    for (const text of pieces(shown)) expect(text.length).toBeLessThan(560)
  })
})

describe('bytes', () => {
  test.each([0, 1, 2, 3, 61])('%i bytes go to base64url and back', (length) => {
    const raw = Uint8Array.from({ length }, (_, at) => (at * 37) % 256)
    expect(b64(raw)).toBe(Buffer.from(raw).toString('base64url'))
    expect(unb64(b64(raw))).toEqual(raw)
  })

  test('JSON with Chinese, and what is no base64url', () => {
    expect(jsonOf(b64(utf8('["张"]')))).toEqual(['张'])
    expect(() => unb64('=')).toThrow(RangeError)
  })
})
