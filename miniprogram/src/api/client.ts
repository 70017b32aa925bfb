import { BAD_ANSWER, Problem, problemFrom } from './problem'
import { uniTransport, type Method, type Transport, type WireAnswer } from './transport'
import type { Tokens } from './types'
import type { StoredTokens } from '@/stores/session'
import { useSession } from '@/stores/session'
import { isWeixin } from '@/platform'

export type Query = Record<string, string | number | boolean | null | undefined>

export interface CallOptions {
  query?: Query
  body?: unknown
  /** Milliseconds; the gateway's own deadline is shorter. */
  timeout?: number
  /** Send no token even when there is one. */
  anonymous?: boolean
}

/** What the client needs of the session store; tests give their own. */
export interface SessionPort {
  tokens(): StoredTokens | null
  accept(tokens: Tokens): void
  clear(): void
  reload(): void
}

export interface ClientParts {
  base: string
  transport: Transport
  session: SessionPort
  /** Called once when the session is gone for good (refresh refused). */
  onSessionLost?: () => void
  /** Run a task while no other tab of this browser runs one with the same lock. */
  exclusive?: <T>(task: () => Promise<T>) => Promise<T>
}

const TIMEOUT = 15_000

export function queryString(query: Query | undefined): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue
    const text = value === true ? '1' : value === false ? '0' : String(value)
    parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(text)}`)
  }
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

/**
 * The way to the gateway: adds the token, renews it once when it has run out, and turns every
 * refusal into a Problem.
 */
export class Client {
  private refreshing: Promise<void> | null = null

  constructor(private readonly parts: ClientParts) {}

  get<T>(path: string, query?: Query, options: CallOptions = {}): Promise<T> {
    return this.call<T>('GET', path, { ...options, query })
  }

  post<T>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> {
    return this.call<T>('POST', path, { ...options, body })
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PUT', path, { body })
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>('PATCH', path, { body })
  }

  delete<T = void>(path: string): Promise<T> {
    return this.call<T>('DELETE', path, {})
  }

  /** A picture behind the login, as a data URL that an <image> shows on both platforms. */
  async picture(path: string, query?: Query): Promise<string> {
    const answer = await this.send('GET', path, { query }, true)
    if (!(answer.body instanceof ArrayBuffer)) throw new Problem({ status: 0, code: BAD_ANSWER })
    const type = answer.headers['content-type']?.split(';')[0] || 'image/png'
    return `data:${type};base64,${uni.arrayBufferToBase64(answer.body)}`
  }

  /** A file behind the login. */
  async file(path: string): Promise<ArrayBuffer> {
    const answer = await this.send('GET', path, {}, true)
    if (!(answer.body instanceof ArrayBuffer)) throw new Problem({ status: 0, code: BAD_ANSWER })
    return answer.body
  }

  /** The whole address of something that is fetched by other means (a file to keep). */
  address(path: string): string {
    return `${this.parts.base}/api/v1${path}`
  }

  private async call<T>(method: Method, path: string, options: CallOptions): Promise<T> {
    const answer = await this.send(method, path, options, false)
    return answer.body as T
  }

  private async send(method: Method, path: string, options: CallOptions, binary: boolean): Promise<WireAnswer> {
    const sent = options.anonymous ? null : await this.usableTokens()
    let answer = await this.once(method, path, options, binary, sent)
    if (answer.status === 401 && sent) {
      await this.renew(sent)
      answer = await this.once(method, path, options, binary, this.parts.session.tokens())
    }
    if (answer.status >= 200 && answer.status < 300) return answer
    throw problemFrom(answer.status, answer.body, answer.headers)
  }

  /** Tokens to send; one that has surely run out is renewed first, which saves a refused request. */
  private async usableTokens(): Promise<StoredTokens | null> {
    const tokens = this.parts.session.tokens()
    if (tokens && tokens.accessUntil <= Date.now()) await this.renew(tokens)
    return this.parts.session.tokens()
  }

  private once(
    method: Method,
    path: string,
    options: CallOptions,
    binary: boolean,
    tokens: StoredTokens | null,
  ): Promise<WireAnswer> {
    const headers: Record<string, string> = { accept: binary ? 'image/png, application/pdf' : 'application/json' }
    if (options.body !== undefined) headers['content-type'] = 'application/json'
    if (tokens) headers.authorization = `Bearer ${tokens.access}`
    return this.parts.transport({
      method,
      url: `${this.address(path)}${queryString(options.query)}`,
      headers,
      body: options.body,
      timeout: options.timeout ?? TIMEOUT,
      binary,
    })
  }

  /**
   * One renewal at a time, whoever asks: a refresh token may be used once, and its second use ends
   * the session everywhere.
   */
  private renew(used: StoredTokens): Promise<void> {
    const exclusive = this.parts.exclusive ?? ((task) => task())
    this.refreshing ??= exclusive(() => this.renewAlone(used)).finally(() => {
      this.refreshing = null
    })
    return this.refreshing
  }

  private async renewAlone(used: StoredTokens): Promise<void> {
    const { session } = this.parts
    session.reload()
    const stored = session.tokens()
    if (!stored) return this.lose(new Problem({ status: 401, code: 'identity.session_missing' }))
    if (stored.access !== used.access) return
    const answer = await this.once('POST', '/citizen/sessions/refresh', { body: { refresh_token: stored.refresh } }, false, null)
    if (answer.status >= 200 && answer.status < 300) {
      session.accept(answer.body as Tokens)
      return
    }
    const problem = problemFrom(answer.status, answer.body, answer.headers)
    // Only a clear refusal ends the session; a gateway in trouble or a full quota does not.
    if ([400, 401, 403].includes(answer.status)) return this.lose(problem)
    throw problem
  }

  private lose(problem: Problem): never {
    this.parts.session.clear()
    this.parts.onSessionLost?.()
    throw new Problem({
      status: 401,
      code: problem.code,
      detail: '登录已过期，请重新登录。',
    })
  }
}

interface LockManager {
  request<T>(name: string, task: () => Promise<T>): Promise<T>
}

/** Across the tabs of one browser, where it has locks; alone in WeChat. */
function acrossTabs<T>(task: () => Promise<T>): Promise<T> {
  const locks = isWeixin ? undefined : (globalThis.navigator as { locks?: LockManager } | undefined)?.locks
  return locks ? locks.request('sst.refresh', task) : task()
}

/** Same origin in h5; a full address in WeChat, which has no origin. */
function gatewayBase(): string {
  return isWeixin ? (import.meta.env.VITE_GATEWAY ?? '') : ''
}

function sessionPort(): SessionPort {
  const session = useSession()
  return {
    tokens: () => session.state.tokens,
    accept: session.accept,
    clear: session.clear,
    reload: session.reload,
  }
}

/** The client of the app. */
export const api = new Client({
  base: gatewayBase(),
  transport: uniTransport,
  session: sessionPort(),
  exclusive: acrossTabs,
})
