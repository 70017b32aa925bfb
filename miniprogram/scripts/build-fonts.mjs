// Copies the typeface of licence faces (Noto Sans SC, OFL 1.1) to where the gateway looks for it.
import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const from = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans-sc/package.json'))
const to = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'fonts')
mkdirSync(to, { recursive: true })
for (const [folder, name] of [
  ['400Regular', 'NotoSansSC_400Regular.ttf'],
  ['700Bold', 'NotoSansSC_700Bold.ttf'],
  ['', 'LICENSE_FONT'],
]) {
  copyFileSync(join(from, folder, name), join(to, name))
}
console.log(`fonts: ${to}`)
