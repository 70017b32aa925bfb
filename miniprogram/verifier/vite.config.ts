import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

/**
 * One file that needs nothing else: script and style are put into the page, and its policy allows
 * this very script, its own origin for updates, and nothing more.
 */
const oneFile: Plugin = {
  name: 'one-file',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const parts = Object.values(bundle)
    const page = parts.find((each) => each.fileName === 'index.html')
    if (page?.type !== 'asset') throw new Error('the page is missing')
    const script = parts.map((each) => (each.type === 'chunk' ? each.code : '')).join('').trim()
    const style = parts
      .map((each) => (each.type === 'asset' && each.fileName.endsWith('.css') ? String(each.source) : ''))
      .join('')
    const safe = script.replace(/<\/script/g, '<\\/script')
    const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const policy = [
      "default-src 'none'", `script-src ${digest(safe)}`, `style-src ${digest(style)}`, "connect-src 'self'",
      'img-src data: blob:', 'media-src blob: mediastream:', "base-uri 'none'", "form-action 'none'",
    ].join('; ')
    const head = `<meta http-equiv="content-security-policy" content="${policy}">`
    const bare = String(page.source)
      .replace(/<script type="module"[^>]*><\/script>/, '')
      .replace(/<link rel="(?:stylesheet|modulepreload)"[^>]*>/g, '')
    page.source = bare
      .replace('<title>', () => `${head}<title>`)
      .replace('</head>', () => `<style>${style}</style></head>`)
      .replace('</body>', () => `<script type="module">${safe}</script></body>`)
    for (const each of parts) if (each !== page) delete bundle[each.fileName]
  },
}

const here = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  root: here,
  base: './',
  plugins: [oneFile],
  build: {
    outDir: fileURLToPath(new URL('../dist/verifier', import.meta.url)),
    emptyOutDir: true,
    target: 'es2020',
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
  },
})
