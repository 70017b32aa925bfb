import { afterEach, describe, expect, it } from 'vitest'
import { Client, queryString, type SessionPort } from '@/api/client'
import { Problem } from '@/api/problem'
import { uniTransport } from '@/api/transport'
import type { Tokens } from '@/api/types'
import type { StoredTokens } from '@/stores/session'
import { startGateway, type Gateway, type Reply, type Seen } from './gateway'
import { tokens } from './people'

let gateway: Gateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

interface Memory extends SessionPort {
  current: StoredTokens | null
  /** What another tab has written, taken over on reload. */
  elsewhere: StoredTokens | null | undefined
  cleared: number
}

function stored(given: Tokens): StoredTokens {
  return { access: given.access_token, refresh: given.refresh_token, accessUntil: Date.now() + given.access_expires_in * 1000 }
}

function memory(first: Tokens | null): Memory {
  const own: Memory = {
    current: first ? stored(first) : null,
    elsewhere: undefined,
    cleared: 0,
    tokens: () => own.current,
    accept: (given) => void (own.current = stored(given)),
    clear: () => {
      own.current = null
      own.cleared += 1
    },
    reload: () => {
      if (own.elsewhere !== undefined) own.current = own.elsewhere
    },
  }
  return own
}

async function client(session: SessionPort, answer: (seen: Seen) => Reply | Promise<Reply>, onSessionLost?: () => void): Promise<Client> {
  gateway = await startGateway(answer)
  return new Client({ base: gateway.base, transport: uniTransport, session, onSessionLost })
}

const expired: Reply = { status: 401, body: { code: 'identity.session_expired', detail: '登录已过期。' } }

describe('requests', () => {
  it('carry the token, the query and the body', async () => {
    const first = tokens()
    const api = await client(memory(first), () => ({ status: 200, body: { items: [] } }))
    await api.get('/citizen/messages', { cursor: 'a b', limit: 20, empty: '', none: null, online: true })
    await api.post('/citizen/me/identity', { name: '张建国' })
    expect(gateway?.seen[0].path).toBe('/api/v1/citizen/messages?cursor=a%20b&limit=20&online=1')
    expect(gateway?.seen[0].authorization).toBe(`Bearer ${first.access_token}`)
    expect(gateway?.seen[1].body).toEqual({ name: '张建国' })
  })

  it('carry no token when they are anonymous', async () => {
    const api = await client(memory(tokens()), () => ({ status: 200, body: {} }))
    await api.get('/public/bootstrap', undefined, { anonymous: true })
    expect(gateway?.seen[0].authorization).toBeUndefined()
  })

  it('give null for an answer without content', async () => {
    const api = await client(memory(tokens()), () => ({ status: 204 }))
    await expect(api.delete('/citizen/sessions/current')).resolves.toBeNull()
  })

  it('bring a picture as a data URL', async () => {
    const api = await client(memory(tokens()), () => ({ status: 200, raw: Buffer.from([137, 80, 78, 71]), headers: { 'content-type': 'image/png' } }))
    await expect(api.picture('/citizen/wallet/1/face.png', { purpose: '住宿登记' })).resolves.toBe('data:image/png;base64,iVBORw==')
  })

  it('read a refusal in place of a picture', async () => {
    const api = await client(memory(tokens()), () => ({ status: 403, body: { code: 'identity.level_too_low', required_level: 3, detail: '需要先核对身份。' } }))
    await expect(api.picture('/citizen/wallet/1/face.png')).rejects.toMatchObject({ code: 'identity.level_too_low', requiredLevel: 3, detail: '需要先核对身份。' })
  })

  it('leave out what is not asked for', () => {
    expect(queryString(undefined)).toBe('')
    expect(queryString({ q: '社保', fee: false })).toBe('?q=%E7%A4%BE%E4%BF%9D&fee=0')
  })
})

describe('refusals become problems', () => {
  it('with the level that is needed', async () => {
    const api = await client(memory(tokens()), () => ({ status: 403, body: { code: 'identity.level_too_low', detail: '需要先核对身份。', required_level: 4, trace_id: 'abc' } }))
    const problem = await api.get('/citizen/wallet').catch((thrown: unknown) => thrown as Problem)
    expect(problem).toBeInstanceOf(Problem)
    expect(problem).toMatchObject({ needsLevel: true, requiredLevel: 4, traceId: 'abc', offline: false })
  })

  it('with the consent that is missing', async () => {
    const api = await client(memory(tokens()), () => ({ status: 403, body: { code: 'identity.consent_required', consent: 'face' } }))
    await expect(api.post('/citizen/me/face/photo', {})).rejects.toMatchObject({ needsConsent: true, consent: 'face' })
  })

  it('with the time to wait, from the body or the header', async () => {
    const replies: Reply[] = [
      { status: 429, body: { code: 'identity.locked', retry_after: 600 } },
      { status: 429, body: { code: 'edge.too_many' }, headers: { 'retry-after': '30' } },
    ]
    const api = await client(memory(tokens()), () => replies.shift() as Reply)
    await expect(api.get('/a')).rejects.toMatchObject({ retryAfter: 600 })
    await expect(api.get('/b')).rejects.toMatchObject({ retryAfter: 30, code: 'edge.too_many' })
  })

  it('also when the body is no JSON, with words for the person', async () => {
    const api = await client(memory(tokens()), () => ({ status: 502, raw: Buffer.from('<html>bad gateway</html>') }))
    await expect(api.get('/a')).rejects.toMatchObject({ status: 502, code: 'http.502', detail: '系统繁忙，请稍后再试；急需办理请拨打 12345。' })
  })

  it('also when nobody answers', async () => {
    const api = await client(memory(null), () => ({ status: 200 }))
    await gateway?.close()
    await expect(api.get('/public/themes')).rejects.toMatchObject({ offline: true, code: 'client.offline' })
  })
})

describe('renewal of the session', () => {
  /** A gateway that knows one valid access token, and refresh tokens that work once. */
  function renewing(first: Tokens) {
    let access = 'nothing'
    const open = new Set([first.refresh_token])
    return (seen: Seen): Reply => {
      if (seen.path.endsWith('/sessions/refresh')) {
        const given = (seen.body as { refresh_token: string }).refresh_token
        if (!open.delete(given)) return { status: 401, body: { code: 'identity.refresh_reused' } }
        const next = tokens()
        access = next.access_token
        open.add(next.refresh_token)
        return { status: 200, body: next }
      }
      return seen.authorization === `Bearer ${access}` ? { status: 200, body: { ok: true } } : expired
    }
  }

  it('happens once for many requests that are refused together', async () => {
    const first = tokens()
    const api = await client(memory(first), renewing(first))
    const answers = await Promise.all(['/a', '/b', '/c', '/d'].map((path) => api.get(path)))
    expect(answers).toEqual(Array(4).fill({ ok: true }))
    expect(gateway?.seen.filter((one) => one.path.endsWith('/refresh'))).toHaveLength(1)
  })

  it('comes before the request when the token has surely run out', async () => {
    const first = tokens(1, { access_expires_in: -1 })
    const api = await client(memory(first), renewing(first))
    await api.get('/a')
    expect(gateway?.seen.map((one) => one.path)).toEqual(['/api/v1/citizen/sessions/refresh', '/api/v1/a'])
  })

  it('is left out when another tab has already done it', async () => {
    const first = tokens()
    const second = tokens()
    const session = memory(first)
    session.elsewhere = stored(second)
    const api = await client(session, (seen) => (seen.authorization === `Bearer ${second.access_token}` ? { status: 200, body: {} } : expired))
    await api.get('/a')
    expect(gateway?.seen.filter((one) => one.path.endsWith('/refresh'))).toHaveLength(0)
  })

  it('ends the session when the refresh token is refused', async () => {
    const session = memory(tokens())
    let lost = 0
    const api = await client(session, () => expired, () => (lost += 1))
    await expect(api.get('/a')).rejects.toMatchObject({ needsLogin: true, detail: '登录已过期，请重新登录。' })
    expect(session.cleared).toBe(1)
    expect(lost).toBe(1)
  })

  it('keeps the session when the gateway is in trouble', async () => {
    const session = memory(tokens())
    const api = await client(session, (seen) => (seen.path.endsWith('/refresh') ? { status: 503, body: { code: 'gateway.unavailable' } } : expired))
    await expect(api.get('/a')).rejects.toMatchObject({ status: 503 })
    expect(session.cleared).toBe(0)
    expect(session.current).not.toBeNull()
  })

  it('is not tried for a person who never logged in', async () => {
    const api = await client(memory(null), () => ({ status: 401, body: { code: 'identity.session_missing', detail: '请先登录。' } }))
    await expect(api.get('/citizen/me')).rejects.toMatchObject({ code: 'identity.session_missing' })
    expect(gateway?.seen).toHaveLength(1)
  })
})
