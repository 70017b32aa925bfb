// The parts of uni-app's runtime that code outside pages uses, made from what Node has.
// Requests go to real HTTP servers that the tests start.
import http from 'node:http'
import { vi } from 'vitest'

const stored = new Map<string, unknown>()

interface RequestOptions {
  url: string
  method: string
  header: Record<string, string>
  data?: unknown
  responseType: string
  success(answer: { statusCode: number; header: Record<string, string>; data: unknown }): void
  fail(failure: { errMsg: string }): void
}

function request(options: RequestOptions): void {
  const body = options.data === undefined ? undefined : Buffer.from(JSON.stringify(options.data))
  const outgoing = http.request(options.url, { method: options.method, headers: options.header }, (answer) => {
    const parts: Buffer[] = []
    answer.on('data', (part: Buffer) => parts.push(part))
    answer.on('end', () => {
      const whole = Buffer.concat(parts)
      const bytes = new Uint8Array(whole).buffer
      const header = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
      const data = options.responseType === 'arraybuffer' ? bytes : whole.toString('utf8')
      options.success({ statusCode: answer.statusCode ?? 0, header, data })
    })
  })
  outgoing.on('error', (failure) => options.fail({ errMsg: `request:fail ${failure.message}` }))
  outgoing.end(body)
}

export const stack: { route: string; options: Record<string, string> }[] = []

function pushed(url: string): { route: string; options: Record<string, string> } {
  const [path, query = ''] = url.split('?')
  return { route: path.slice(1), options: Object.fromEntries(new URLSearchParams(query)) }
}

export const navigation = {
  navigateTo: vi.fn(({ url }: { url: string }) => void stack.push(pushed(url))),
  redirectTo: vi.fn(({ url }: { url: string }) => void stack.splice(-1, 1, pushed(url))),
  switchTab: vi.fn(({ url }: { url: string }) => void stack.splice(0, stack.length, pushed(url))),
  reLaunch: vi.fn(({ url }: { url: string }) => void stack.splice(0, stack.length, pushed(url))),
  navigateBack: vi.fn(() => void stack.pop()),
}

const uni = {
  ...navigation,
  request,
  getStorageSync: (key: string) => stored.get(key) ?? '',
  setStorageSync: (key: string, value: unknown) => void stored.set(key, structuredClone(value)),
  removeStorageSync: (key: string) => void stored.delete(key),
  arrayBufferToBase64: (buffer: ArrayBuffer) => Buffer.from(buffer).toString('base64'),
}

Object.assign(globalThis, { uni, getCurrentPages: () => stack })
export { stored }
