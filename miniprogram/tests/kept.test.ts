import { beforeEach, describe, expect, it } from 'vitest'
import { dropEnded, keepDetail, keepFace, keptDetail, keptFace } from '@/composables/kept'
import type { LicenceDetail, LicenceStatus, Wallet } from '@/api/types'
import { faceKey, KEPT_FACES, useSession } from '@/stores/session'
import { stored } from './setup'

const HOUR = 3_600_000
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

function keep(id: string, changes: Partial<LicenceDetail> = {}, owner = 'me'): LicenceDetail {
  const one = licence(id, changes)
  keepDetail(owner, one)
  keepFace(owner, one, '本人查看', FACE)
  return one
}

beforeEach(() => stored.clear())

describe('licences kept for the time without a network', () => {
  it('are shown with what they were kept for, and as old', () => {
    const one = keep('a')
    expect(keptDetail('me', 'a')?.freshness).toBe('stale')
    expect(keptFace('me', one)).toMatchObject({ src: FACE, purpose: '本人查看' })
  })

  it('are shown to nobody else, and thrown away when somebody else keeps theirs', () => {
    const one = keep('a')
    expect(keptDetail('you', 'a')).toBeNull()
    expect(keptFace('you', one)).toBeNull()
    keep('b', {}, 'you')
    expect([...stored.keys()].filter((key) => key.includes('kept-face.'))).toEqual([`sst.${faceKey('b')}`])
  })

  it('are shown no longer than their type allows', () => {
    const one = keep('a')
    const later = Date.now() + 11 * HOUR
    expect(keptDetail('me', 'a', later)).toBeNull()
    expect(keptFace('me', one, later)).toBeNull()
  })

  it('are not kept where the type forbids it, and go when it comes to forbid it', () => {
    keep('a', { keep_until: null })
    expect(keptDetail('me', 'a')).toBeNull()
    keep('b')
    const now = keep('b', { keep_until: null })
    expect(keptDetail('me', 'b')).toBeNull()
    expect(keptFace('me', now)).toBeNull()
    expect(stored.has(`sst.${faceKey('b')}`)).toBe(false)
  })

  it('keep no face of another version, nor of one that is not valid', () => {
    keep('a')
    expect(keptFace('me', licence('a', { version: '002' }))).toBeNull()
    keepDetail('me', licence('a', { version: '002' }))
    expect(stored.has(`sst.${faceKey('a')}`)).toBe(false)
    keep('b')
    keepDetail('me', licence('b', { status: 'REVOKED' }))
    expect(stored.has(`sst.${faceKey('b')}`)).toBe(false)
    expect(keptDetail('me', 'b')?.status).toBe('REVOKED')
  })

  it('go when the wallet says that they have ended', () => {
    for (const id of ['a', 'b', 'c']) keep(id)
    dropEnded('me', wallet([['a', 'VALID'], ['b', 'REVOKED']], true))
    expect(['a', 'b', 'c'].map((id) => keptDetail('me', id) !== null)).toEqual([true, false, true])
    dropEnded('me', wallet([['a', 'VALID']]))
    expect(['a', 'b', 'c'].map((id) => stored.has(`sst.${faceKey(id)}`))).toEqual([true, false, false])
  })

  it('make room for each other, the oldest first', () => {
    const big = `data:image/png;base64,${'A'.repeat(600_000)}`
    for (const id of ['a', 'b', 'c', 'd', 'e']) keepFace('me', licence(id), '本人查看', big)
    expect(keptFace('me', licence('a'))).toBeNull()
    expect(keptFace('me', licence('e'))?.src).toBe(big)
    expect([...stored.keys()].filter((key) => key.includes('kept-face.'))).toHaveLength(4)
    keepFace('me', licence('f'), '本人查看', big + 'A'.repeat(200_000))
    expect(keptFace('me', licence('f'))).toBeNull()
  })

  it('go with the log-in', () => {
    keep('a')
    useSession().clear()
    expect([...stored.keys()].filter((key) => key.includes('kept'))).toEqual([])
    expect(stored.has(`sst.${KEPT_FACES}`)).toBe(false)
  })
})
