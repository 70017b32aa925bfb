// A small real HTTP server that answers as the gateway would, told by each test what to answer.
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Seen {
  method: string
  path: string
  authorization: string | undefined
  body: unknown
}

export interface Reply {
  status: number
  body?: unknown
  raw?: Buffer
  headers?: Record<string, string>
}

export interface Gateway {
  base: string
  seen: Seen[]
  close(): Promise<void>
}

/** Start a server; `answer` is asked for every request. */
export async function startGateway(answer: (seen: Seen) => Reply | Promise<Reply>): Promise<Gateway> {
  const seen: Seen[] = []
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const text = Buffer.concat(parts).toString('utf8')
      const one: Seen = {
        method: request.method ?? '',
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: text ? JSON.parse(text) : undefined,
      }
      seen.push(one)
      const reply = await answer(one)
      const type = reply.status >= 400 ? 'application/problem+json' : 'application/json'
      response.writeHead(reply.status, { 'content-type': type, ...reply.headers })
      response.end(reply.raw ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    base: `http://127.0.0.1:${port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
