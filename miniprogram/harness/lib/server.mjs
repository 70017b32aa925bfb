// Serves the harness and the artefact on a loopback port. Answers to /api come from fixtures, or
// are fetched from a real gateway so that the browser itself knows one origin only.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, request as forward } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, extname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DIST, listFiles, readJson, readText } from './artefact.mjs'
import { compiledTemplates } from './templates.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.png': 'image/png', '.svg': 'image/svg+xml' }
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-eval'"

function packageFile(name, file) {
  return readFileSync(join(dirname(require.resolve(`${name}/package.json`)), 'dist', file), 'utf8')
}

/** All wxss files as one sheet: imports resolved away, rpx made px for a screen 375 wide. */
function styles(files) {
  const sheets = files.filter((path) => path.endsWith('.wxss'))
  const ordered = ['app.wxss', ...sheets.filter((path) => path !== 'app.wxss')]
  return ordered
    .map((path) => readText(path).replace(/@import\s+["'][^"']+["'];?/g, ''))
    .join('\n')
    .replace(/(-?[\d.]+)rpx\b/g, (_, number) => `${Number(number) / 2}px`)
}

/** Scripts, page settings and templates as one module. */
function artefactModule(files) {
  const scripts = files.filter((path) => path.endsWith('.js'))
  const templates = files.filter((path) => path.endsWith('.wxml'))
  const bodies = scripts.map(
    (path) =>
      `${JSON.stringify(path)}: function (module, exports, require, wx, App, Page, Component, Behavior, getApp, getCurrentPages, global) {\n${readText(path)}\n},`,
  )
  const configs = Object.fromEntries(
    files.filter((path) => path.endsWith('.json') && !path.includes('project.')).map((path) => [path.slice(0, -5), readJson(path)]),
  )
  return [
    `export const configs = ${JSON.stringify(configs)}`,
    `export const modules = {\n${bodies.join('\n')}\n}`,
    `export const templates = ${compiledTemplates(templates)}`,
  ].join('\n')
}

function prepared() {
  const files = listFiles().map((file) => file.path)
  const own = Object.fromEntries(
    ['index.html', 'base.css', 'main.js', 'pages.js', 'wx.js'].map((name) => [name, readFileSync(join(here, '..', 'browser', name), 'utf8')]),
  )
  return {
    ...own,
    'app.css': styles(files),
    'artefact.js': artefactModule(files),
    'glass-easel.js': packageFile('glass-easel', 'glass_easel.all.es.js'),
    'adapter.js': packageFile('glass-easel-miniprogram-adapter', 'glass_easel_miniprogram_adapter.es.js').replace(
      /from\s*["']glass-easel["']/g,
      "from './glass-easel.js'",
    ),
  }
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-security-policy': POLICY, 'cache-control': 'no-store' })
  response.end(body)
}

function passOn(gateway, incoming, response, body) {
  const target = new URL(incoming.url, gateway)
  const outgoing = forward(target, { method: incoming.method, headers: { ...incoming.headers, host: target.host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', (error) => send(response, 502, 'text/plain', String(error)))
  outgoing.end(body)
}

function parsed(body) {
  try {
    return body === '' ? {} : JSON.parse(body)
  } catch {
    return {}
  }
}

/**
 * Start on a free port of loopback. `answer(method, path, query, body, token)` gives fixtures as
 * `{status, body}`; with `gateway` set the requests go there instead.
 */
export async function startServer({ answer, gateway }) {
  const parts = prepared()
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url, 'http://loopback')
    const chunks = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      if (url.pathname.startsWith('/api/')) {
        if (gateway) return passOn(gateway, incoming, response, body)
        const token = (incoming.headers.authorization ?? '').replace('Bearer ', '')
        const found = answer(incoming.method, url.pathname, url.searchParams, parsed(body.toString()), token)
        if (found.png) return send(response, 200, 'image/png', found.png)
        return send(response, found.status, found.status < 400 ? 'application/json' : 'application/problem+json', JSON.stringify(found.body ?? null))
      }
      const name = url.pathname === '/' ? 'index.html' : url.pathname.replace(/^\/harness\//, '')
      if (parts[name]) return send(response, 200, TYPES[extname(name)] ?? 'text/plain', parts[name])
      const path = posix.normalize(decodeURIComponent(url.pathname)).replace(/^(\.\.\/)+/, '')
      const file = join(DIST, path)
      if (file.startsWith(DIST) && existsSync(file)) return send(response, 200, TYPES[extname(file)] ?? 'text/plain', readFileSync(file))
      return send(response, 404, 'text/plain', 'not found')
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(resolve)
      }),
  }
}
