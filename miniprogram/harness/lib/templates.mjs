// Two independent compilers look at every template: WeChat's own wcc, and glass-easel's.
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TmplGroup } from 'glass-easel-template-compiler'
import { DIST, readText } from './artefact.mjs'

const PLATFORMS = { linux: 'linux/wcc', darwin: 'mac/wcc', win32: 'windows/wcc.exe' }

function wccPath() {
  const place = PLATFORMS[process.platform]
  if (!place) throw new Error(`miniprogram-compiler has no wcc for ${process.platform}`)
  const root = dirname(createRequire(import.meta.url).resolve('miniprogram-compiler/package.json'))
  const path = join(root, 'bin', place)
  if (process.platform !== 'win32') chmodSync(path, 0o755)
  return path
}

/** Compile templates with wcc. Returns its exit status, what it said, and the bytes it made. */
export function runWcc(paths, cwd = DIST) {
  const run = spawnSync(wccPath(), ['-d', ...paths], { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (run.error) throw run.error
  return { status: run.status, says: run.stderr.trim(), bytes: run.stdout.length }
}

/** glass-easel writes events as `bind:tap`; WeChat also takes `bindtap`, which uni-app writes. */
export function spelledOut(source) {
  return source.replace(/(\s)(bind|catch|capture-bind|capture-catch|mut-bind)([a-z]\w*)=/g, '$1$2:$3=')
}

/** What glass-easel's compiler has to say of one template: its warnings and errors, in words. */
export function diagnose(path, source) {
  const group = new TmplGroup()
  try {
    return Array.from(group.addTmpl(path.replace(/\.wxml$/, ''), spelledOut(source))).map(
      (one) => `${path}:${one.startLine + 1}:${one.startColumn + 1}: ${one.level}: ${one.message}`,
    )
  } finally {
    group.free()
  }
}

/** All templates as one expression that yields `{path: generator}` in a browser. */
export function compiledTemplates(paths) {
  const group = new TmplGroup()
  try {
    for (const path of paths) {
      const source = spelledOut(readText(path)).replace(/<image(?=[\s/>])/g, '<img').replaceAll('</image>', '</img>')
      group.addTmpl(path.replace(/\.wxml$/, ''), source)
    }
    return group.getTmplGenObjectGroups()
  } finally {
    group.free()
  }
}
