import { isWeixin } from '@/platform'
import { BAD_ANSWER, OFFLINE, Problem, TIMED_OUT } from './problem'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface WireRequest {
  method: Method
  url: string
  headers: Record<string, string>
  body?: unknown
  /** Milliseconds. */
  timeout: number
  binary?: boolean
}

export interface WireAnswer {
  status: number
  headers: Record<string, string>
  /** Parsed JSON, text when it is no JSON, or an ArrayBuffer when `binary`. */
  body: unknown
}

export type Transport = (request: WireRequest) => Promise<WireAnswer>

function lowerCased(headers: Record<string, unknown> | undefined): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers ?? {})) result[name.toLowerCase()] = String(value)
  return result
}

function parsed(data: unknown, binary: boolean, status: number): unknown {
  if (binary && status < 300) return data
  const text = data instanceof ArrayBuffer ? decodeUtf8(data) : data
  if (typeof text !== 'string') return text
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** UTF-8 without TextDecoder, which older WeChat clients lack. */
function decodeUtf8(buffer: ArrayBuffer): string {
  let encoded = ''
  for (const byte of new Uint8Array(buffer)) encoded += `%${byte.toString(16).padStart(2, '0')}`
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}

/** wx.request knows no PATCH; the gateway takes PUT for the same resource in its place. */
function wireMethod(method: Method): string {
  return isWeixin && method === 'PATCH' ? 'PUT' : method
}

/** The one transport of both builds. Rejects with a Problem of status 0 when there is no answer. */
export const uniTransport: Transport = (request) =>
  new Promise((resolve, reject) => {
    uni.request({
      url: request.url,
      // uni-app's types list the methods of all platforms; ours are a subset that all of them have.
      method: wireMethod(request.method) as UniApp.RequestOptions['method'],
      header: request.headers,
      data: request.body as UniApp.RequestOptions['data'],
      timeout: request.timeout,
      dataType: 'text',
      responseType: request.binary ? 'arraybuffer' : 'text',
      success: (answer) => {
        if (!answer.statusCode) {
          reject(new Problem({ status: 0, code: BAD_ANSWER }))
          return
        }
        resolve({
          status: answer.statusCode,
          headers: lowerCased(answer.header as Record<string, unknown>),
          body: parsed(answer.data, request.binary === true, answer.statusCode),
        })
      },
      fail: (failure) => {
        const timedOut = /time\s?-?out/i.test(failure.errMsg ?? '')
        const detail = timedOut ? '网络太慢，没有等到回应，请再试一次。' : undefined
        reject(new Problem({ status: 0, code: timedOut ? TIMED_OUT : OFFLINE, detail }))
      },
    })
  })
