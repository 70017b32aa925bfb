// The built mp-weixin output as data: which files there are, and what app.json says of them.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Where the output lies; MP_DIST names another place. */
export const DIST = resolve(process.env.MP_DIST ?? join(here, '..', '..', 'dist', 'build', 'mp-weixin'))

/** Built-in components of WeChat. A component of ours with such a name loses its parent there. */
export const BUILT_IN = new Set(
  (
    'ad audio block button camera canvas checkbox checkbox-group cover-image cover-view editor form functional-page-navigator ' +
    'icon image import include input keyboard-accessory label live-player live-pusher map match-media movable-area movable-view ' +
    'navigation-bar navigator official-account open-data page-container page-meta picker picker-view picker-view-column progress ' +
    'radio radio-group rich-text root-portal scroll-view share-element slider slot snapshot sticky-header sticky-section swiper ' +
    'swiper-item switch template text textarea video view voip-room web-view wxs'
  ).split(' '),
)

/** Fails with the command to type when nothing has been built yet. */
export function requireBuild() {
  if (existsSync(join(DIST, 'app.json'))) return
  throw new Error(`no mp-weixin build at ${DIST}: run "npm run build:mp" in miniprogram/ first`)
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? walk(path) : [path]
  })
}

/** Every file, as a path from the root with forward slashes, and its bytes. */
export function listFiles() {
  requireBuild()
  return walk(DIST)
    .map((path) => ({ path: relative(DIST, path).split(sep).join('/'), size: statSync(path).size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

export function readText(path) {
  return readFileSync(join(DIST, path), 'utf8')
}

export function readJson(path) {
  return JSON.parse(readText(path))
}

/** Paths of all pages, main package first. */
export function pagePaths(app = readJson('app.json')) {
  const inside = (app.subPackages ?? []).flatMap((pack) => pack.pages.map((page) => posix.join(pack.root, page)))
  return [...app.pages, ...inside]
}

/** Where a component named in `usingComponents` lies, as a path from the root. */
export function componentPath(from, named) {
  return named.startsWith('/') ? named.slice(1) : posix.join(posix.dirname(from), named)
}
