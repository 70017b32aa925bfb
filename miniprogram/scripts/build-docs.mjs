// Copies the interface explorer (swagger-ui-dist, Apache-2.0) next to the built pages: the
// gateway's /docs page loads it from its own origin.
import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const from = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const to = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'docs')
mkdirSync(to, { recursive: true })
for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css', 'LICENSE', 'NOTICE']) {
  copyFileSync(join(from, name), join(to, name))
}
console.log(`docs: ${to}`)
