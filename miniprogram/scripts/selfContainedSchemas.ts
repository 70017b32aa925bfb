import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const OWN = fileURLToPath(new URL('../src/apply/form/lookup.ts', import.meta.url))

/**
 * The validator finds what a schema refers to by web addresses, which WeChat has no `URL` for. A form
 * refers to nothing but itself (the gateway sees to that), so its own places are all there is to find.
 */
export const selfContainedSchemas: Plugin = {
  name: 'self-contained-schemas',
  enforce: 'pre',
  resolveId(source, importer) {
    return source === './dereference.js' && importer?.includes('@cfworker/json-schema') ? OWN : null
  },
}
