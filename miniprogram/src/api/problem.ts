/** What went wrong, in one type, whether the gateway said it or the network did. */
export interface ProblemFields {
  status: number
  code: string
  title?: string
  detail?: string
  trace_id?: string
  required_level?: number
  retry_after?: number
  consent?: string
  errors?: { pointer?: string; detail?: string }[]
}

export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  /** A Chinese sentence for the person. */
  readonly detail: string
  readonly traceId: string | null
  readonly requiredLevel: number | null
  /** Seconds until another try makes sense. */
  readonly retryAfter: number | null
  readonly consent: string | null
  readonly errors: { pointer?: string; detail?: string }[]

  constructor(fields: ProblemFields) {
    super(`${fields.code} (${fields.status})`)
    this.name = 'Problem'
    this.status = fields.status
    this.code = fields.code
    this.title = fields.title ?? ''
    this.detail = fields.detail || fallbackDetail(fields.status)
    this.traceId = fields.trace_id ?? null
    this.requiredLevel = fields.required_level ?? null
    this.retryAfter = fields.retry_after ?? null
    this.consent = fields.consent ?? null
    this.errors = fields.errors ?? []
  }

  /** The request did not reach the gateway, or its answer did not reach us. */
  get offline(): boolean {
    return this.status === 0
  }

  get needsLogin(): boolean {
    return this.status === 401
  }

  get needsLevel(): boolean {
    return this.status === 403 && this.code === 'identity.level_too_low'
  }

  get needsConsent(): boolean {
    return this.status === 403 && this.code === 'identity.consent_required'
  }
}

export const OFFLINE = 'client.offline'
export const TIMED_OUT = 'client.timed_out'
export const BAD_ANSWER = 'client.bad_answer'

function fallbackDetail(status: number): string {
  if (status === 0) return '没有连上网络，请检查网络后再试。'
  if (status === 404) return '没有找到这项内容，它可能已经下架。'
  if (status === 413) return '上传的内容太大，请换小一点的再试。'
  if (status === 429) return '操作太频繁，请稍后再试。'
  if (status >= 500) return '系统繁忙，请稍后再试；急需办理请拨打 12345。'
  return '没有办成，请稍后再试；需要帮助请拨打 12345。'
}

/** Any thrown value as a Problem: a defect of ours must not show as an empty page. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  return new Problem({ status: -1, code: 'client.defect', title: String(thrown) })
}

/** Problem from an answer that is not 2xx. A body that is not problem+json still gives one. */
export function problemFrom(status: number, body: unknown, headers: Record<string, string>): Problem {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Partial<ProblemFields>
  const header = Number(headers['retry-after'])
  const retryAfter = fields.retry_after ?? (Number.isFinite(header) && header > 0 ? header : undefined)
  return new Problem({
    ...fields,
    status,
    code: typeof fields.code === 'string' ? fields.code : `http.${status}`,
    retry_after: retryAfter,
  })
}
