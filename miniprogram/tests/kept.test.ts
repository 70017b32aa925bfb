import { beforeEach, describe, expect, it } from 'vitest'
import { dropEnded, dropEnterprise, keepDetail, keepEnterprise, keepFace, keptDetail, keptEnterprise, keptFace, type Whose } from '@/composables/kept'
import type { EnterpriseDetail, LicenceDetail, LicenceStatus, Wallet } from '@/api/types'
import { faceKey, KEPT_FACES, useSession } from '@/stores/session'
import { stored } from './setup'

const HOUR = 3_600_000
const ME: Whose = { person: 'me' }
const YOU: Whose = { person: 'you' }
const SHOP: Whose = { person: 'me', uscc: '91440101MA5ABCDE0X' }
const FACE = 'data:image/png;base64,AAAA'

function licence(id: string, changes: Partial<LicenceDetail> = {}): LicenceDetail {
  const until = new Date(Date.now() + 10 * HOUR).toISOString()
  const plain = { id, name: '居民身份证', status: 'VALID', version: '001', freshness: 'fresh', keep_until: until, fields: [] }
  return { ...plain, ...changes } as unknown as LicenceDetail
}

function wallet(cards: [string, LicenceStatus][], silent = false): Wallet {
  const items = cards.map(([id, status]) => ({ id, status }))
  return { as_of: '', items, sources: [{ code: 'a', name: 'a', status: silent ? 'unavailable' : 'fresh', as_of: null }] } as unknown as Wallet
}

function enterprise(cards: [string, LicenceStatus][]): EnterpriseDetail {
  return { uscc: SHOP.uscc, sections: [{ code: 'tax' }], wallet: wallet(cards) } as unknown as EnterpriseDetail
}

function keep(id: string, changes: Partial<LicenceDetail> = {}, whose = ME): LicenceDetail {
  const one = licence(id, changes)
  keepDetail(whose, one)
  keepFace(whose, one, '本人查看', FACE)
  return one
}

beforeEach(() => stored.clear())

describe('licences kept for the time without a network', () => {
  it('are shown with what they were kept for, and as old', () => {
    const one = keep('a')
    expect(keptDetail(ME, 'a')?.freshness).toBe('stale')
    expect(keptFace(ME, one)).toMatchObject({ src: FACE, purpose: '本人查看' })
  })

  it('are shown to nobody else, and thrown away when somebody else keeps theirs', () => {
    const one = keep('a')
    expect(keptDetail(YOU, 'a')).toBeNull()
    expect(keptFace(YOU, one)).toBeNull()
    keep('b', {}, YOU)
    expect([...stored.keys()].filter((key) => key.includes('kept-face.'))).toEqual([`sst.${faceKey('b')}`])
  })

  it('are shown no longer than their type allows', () => {
    const one = keep('a')
    const later = Date.now() + 11 * HOUR
    expect(keptDetail(ME, 'a', later)).toBeNull()
    expect(keptFace(ME, one, later)).toBeNull()
  })

  it('are not kept where the type forbids it, and go when it comes to forbid it', () => {
    keep('a', { keep_until: null })
    expect(keptDetail(ME, 'a')).toBeNull()
    keep('b')
    const now = keep('b', { keep_until: null })
    expect(keptDetail(ME, 'b')).toBeNull()
    expect(keptFace(ME, now)).toBeNull()
    expect(stored.has(`sst.${faceKey('b')}`)).toBe(false)
  })

  it('keep no face of another version, nor of one that is not valid', () => {
    keep('a')
    expect(keptFace(ME, licence('a', { version: '002' }))).toBeNull()
    keepDetail(ME, licence('a', { version: '002' }))
    expect(stored.has(`sst.${faceKey('a')}`)).toBe(false)
    keep('b')
    keepDetail(ME, licence('b', { status: 'REVOKED' }))
    expect(stored.has(`sst.${faceKey('b')}`)).toBe(false)
    expect(keptDetail(ME, 'b')?.status).toBe('REVOKED')
  })

  it('go when the wallet says that they have ended', () => {
    for (const id of ['a', 'b', 'c']) keep(id)
    dropEnded(ME, wallet([['a', 'VALID'], ['b', 'REVOKED']], true))
    expect(['a', 'b', 'c'].map((id) => keptDetail(ME, id) !== null)).toEqual([true, false, true])
    dropEnded(ME, wallet([['a', 'VALID']]))
    expect(['a', 'b', 'c'].map((id) => stored.has(`sst.${faceKey(id)}`))).toEqual([true, false, false])
  })

  it('make room for each other, the oldest first', () => {
    const big = `data:image/png;base64,${'A'.repeat(600_000)}`
    for (const id of ['a', 'b', 'c', 'd', 'e']) keepFace(ME, licence(id), '本人查看', big)
    expect(keptFace(ME, licence('a'))).toBeNull()
    expect(keptFace(ME, licence('e'))?.src).toBe(big)
    expect([...stored.keys()].filter((key) => key.includes('kept-face.'))).toHaveLength(4)
    keepFace(ME, licence('f'), '本人查看', big + 'A'.repeat(200_000))
    expect(keptFace(ME, licence('f'))).toBeNull()
  })

  it('of an enterprise are apart from one\'s own', () => {
    keep('a')
    const theirs = keep('a', { version: '007' }, SHOP)
    expect([keptDetail(ME, 'a')?.version, keptDetail(SHOP, 'a')?.version]).toEqual(['001', '007'])
    dropEnded(ME, wallet([]))
    expect([keptDetail(ME, 'a'), keptDetail(SHOP, 'a')?.version]).toEqual([null, '007'])
    keep('b')
    keepEnterprise('me', enterprise([['c', 'VALID']]))
    expect([keptDetail(ME, 'b') !== null, keptFace(SHOP, theirs)]).toEqual([true, null])
  })

  it('of an enterprise go with the right to act for it', () => {
    keepEnterprise('me', enterprise([['a', 'VALID']]))
    keep('a', {}, SHOP)
    expect(keptEnterprise('me', SHOP.uscc!)?.wallet.items[0]).toMatchObject({ id: 'a', freshness: 'stale' })
    expect(keptEnterprise('me', SHOP.uscc!)?.sections).toEqual([])
    expect(keptEnterprise('you', SHOP.uscc!)).toBeNull()
    dropEnterprise('me', SHOP.uscc!)
    expect([keptEnterprise('me', SHOP.uscc!), keptDetail(SHOP, 'a')]).toEqual([null, null])
  })

  it('go with the log-in', () => {
    keep('a')
    keepEnterprise('me', enterprise([]))
    useSession().clear()
    expect([...stored.keys()].filter((key) => key.includes('kept'))).toEqual([])
    expect(stored.has(`sst.${KEPT_FACES}`)).toBe(false)
  })
})
