// Every template of the mp-weixin output is compiled by WeChat's own compiler and by glass-easel's.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { BUILT_IN, componentPath, listFiles, pagePaths, readJson, readText } from './lib/artefact.mjs'
import { closingLine } from './lib/report.mjs'
import { diagnose, runWcc } from './lib/templates.mjs'

const files = listFiles().map((file) => file.path)
const templates = files.filter((path) => path.endsWith('.wxml'))
closingLine(() => `${templates.length} templates compile with wcc and with glass-easel`)

test('the app names pages, and each has its template and script', () => {
  const pages = pagePaths()
  assert.ok(pages.length > 0)
  for (const page of pages) {
    for (const end of ['.js', '.json', '.wxml']) assert.ok(files.includes(page + end), `${page}${end} is missing`)
  }
})

test('wcc compiles all templates together', () => {
  const { status, says, bytes } = runWcc(templates)
  assert.equal(status, 0, says)
  assert.ok(bytes > 0)
})

test('wcc compiles each template alone', () => {
  const broken = templates.map((path) => ({ path, ...runWcc([path]) })).filter((one) => one.status !== 0)
  assert.deepEqual(broken.map((one) => `${one.path}: ${one.says}`), [])
})

test('a broken template is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wcc-'))
  try {
    writeFileSync(join(folder, 'broken.wxml'), '<view><text></view>')
    assert.notEqual(runWcc(['broken.wxml'], folder).status, 0)
  } finally {
    rmSync(folder, { recursive: true })
  }
  assert.equal(diagnose('broken.wxml', '<view wx:if="{{ a + }}"></view>').length, 1)
})

test('glass-easel has nothing to say of any template', () => {
  assert.deepEqual(templates.flatMap((path) => diagnose(path, readText(path))), [])
})

test('every component that a page or component uses is there, under a name of its own', () => {
  const wrong = []
  for (const path of files.filter((one) => one.endsWith('.json') && files.includes(one.replace(/\.json$/, '.wxml')))) {
    for (const [name, place] of Object.entries(readJson(path).usingComponents ?? {})) {
      if (BUILT_IN.has(name)) wrong.push(`${path}: <${name}> is a built-in component of WeChat`)
      if (!files.includes(`${componentPath(path, place)}.wxml`)) wrong.push(`${path}: <${name}> points to nothing`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('templates hold no HTML tag that WeChat does not know', () => {
  const html = /<(div|span|p|a|img|svg|ul|li|h[1-6]|table|section|main|header|footer|nav)[\s/>]/
  assert.deepEqual(templates.filter((path) => html.test(readText(path))), [])
})
