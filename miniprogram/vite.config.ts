import { defineConfig, type Plugin } from 'vite'
import uniPlugin from '@dcloudio/vite-plugin-uni'
import { selfContainedSchemas } from './scripts/selfContainedSchemas'

// The plugin is CommonJS, so its default export arrives wrapped under ESM.
const uni = (uniPlugin as unknown as { default?: typeof uniPlugin }).default ?? uniPlugin

/**
 * The framework's bundle names hosts of its vendor (a shadow picture, advertising). No page of a
 * government asks anyone but its own gateway, so the addresses are taken out of what is built.
 */
const noForeignHosts: Plugin = {
  name: 'no-foreign-hosts',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const clean = (text: string) => text.replace(/https?:\/\/[\w.-]*dcloud\.net\.cn[^"'`)\s]*/g, 'data:,')
    for (const part of Object.values(bundle)) {
      if (part.type === 'chunk') part.code = clean(part.code)
      else if (typeof part.source === 'string') part.source = clean(part.source)
    }
  },
}

export default defineConfig({
  plugins: [selfContainedSchemas, uni(), noForeignHosts],
  css: { preprocessorOptions: { scss: { quietDeps: true } } },
  build: { chunkSizeWarningLimit: 700 },
  server: { proxy: { '/api': process.env.GATEWAY ?? 'http://127.0.0.1:8000' } },
})
