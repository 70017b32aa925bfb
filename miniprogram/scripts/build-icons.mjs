// Takes the line icons that the pages use from lucide-static (ISC) and writes them as data URIs.
// The result is committed: a build needs no network and ships only what is used.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(createRequire(import.meta.url).resolve('lucide-static/package.json'))
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
const names = readFileSync(join(here, 'icons.txt'), 'utf8').split(/\s+/).filter(Boolean).sort()

function compact(svg) {
  const inner = svg
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<svg[\s\S]*?>/, '')
    .replace('</svg>', '')
    .replace(/\s+/g, ' ')
    .replace(/> </g, '><')
    .trim()
  return inner.replaceAll('"', "'").replaceAll('#', '%23').replaceAll('<', '%3C').replaceAll('>', '%3E')
}

const lines = names.map((name) => `  '${name}': "${compact(readFileSync(join(root, 'icons', `${name}.svg`), 'utf8'))}",`)
writeFileSync(
  join(here, '..', 'src', 'icons', 'data.ts'),
  `// Written by scripts/build-icons.mjs from lucide-static ${version}. Do not edit.
// Lucide: ISC License, Copyright (c) Lucide Icons and Contributors; parts from Feather, MIT License,
// Copyright (c) 2013-present Cole Bemis. Licence texts: https://lucide.dev/license
export const shapes = {
${lines.join('\n')}
} as const
`,
)
console.log(`icons: ${names.length}`)
