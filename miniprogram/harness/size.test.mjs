// What a citizen loads before the first page stands: the main package, without the sub-packages.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listFiles, readJson } from './lib/artefact.mjs'
import { closingLine } from './lib/report.mjs'

const MAIN_LIMIT = 1024 * 1024
const PACKAGE_LIMIT = 2 * 1024 * 1024
const ALL_LIMIT = 30 * 1024 * 1024

const app = readJson('app.json')
const roots = (app.subPackages ?? []).map((pack) => `${pack.root.replace(/\/$/, '')}/`)
const packageOf = (path) => roots.find((root) => path.startsWith(root)) ?? 'main'
const sizes = new Map([['main', 0], ...roots.map((root) => [root, 0])])
for (const file of listFiles()) {
  const name = packageOf(file.path)
  sizes.set(name, sizes.get(name) + file.size)
}
const total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
const shown = (bytes) => `${(bytes / 1024).toFixed(1)} KB`
for (const [name, size] of sizes) console.log(`${name.padEnd(14)}${shown(size).padStart(10)}`)
closingLine(() => `main package ${shown(sizes.get('main'))} of ${shown(MAIN_LIMIT)}, all ${shown(total)}`)

test('the main package stays under 1 MB', () => {
  assert.ok(sizes.get('main') < MAIN_LIMIT, `main package: ${sizes.get('main')} bytes`)
})

test('each sub-package stays under 2 MB and is not empty', () => {
  for (const root of roots) {
    assert.ok(sizes.get(root) > 0, `${root} is empty`)
    assert.ok(sizes.get(root) < PACKAGE_LIMIT, `${root}: ${sizes.get(root)} bytes`)
  }
})

test('all packages together stay under 30 MB', () => {
  assert.ok(total < ALL_LIMIT, `all: ${total} bytes`)
})
