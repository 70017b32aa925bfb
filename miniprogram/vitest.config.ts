import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { selfContainedSchemas } from './scripts/selfContainedSchemas'

const uniTags = new Set(['view', 'text', 'scroll-view', 'swiper', 'swiper-item', 'navigator', 'image', 'canvas'])

export default defineConfig({
  plugins: [
    selfContainedSchemas,
    vue({
      template: {
        compilerOptions: { isCustomElement: (tag) => uniTags.has(tag) },
        transformAssetUrls: false,
      },
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { 'process.env.UNI_PLATFORM': JSON.stringify('h5') },
  test: {
    environment: 'happy-dom',
    // So that the plugin sees its imports.
    server: { deps: { inline: ['@cfworker/json-schema'] } },
    setupFiles: ['tests/setup.ts'],
    include: ['tests/**/*.test.ts'],
    restoreMocks: true,
  },
})
