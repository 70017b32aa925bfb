// The stack of pages: which is shown, which lie under it, and when each hears of it.
let backend = null
let space = null
let app = null
let loaded = async () => undefined

/** Called once by main.js when everything is there. */
export function prepare(parts) {
  ;({ backend, space, app, loaded } = parts)
}

const entries = []
const tabs = new Map()

function parse(url) {
  const [path, search = ''] = url.split('?')
  const query = {}
  for (const [name, value] of new URLSearchParams(search)) query[name] = value
  return { path: path.replace(/^\//, ''), query }
}

function isTab(path) {
  return app.tabBar.list.some((tab) => tab.pagePath === path)
}

function hear(entry, name, ...args) {
  return entry.page[name]?.(...args)
}

function build(path, query) {
  const place = document.createElement('page')
  document.getElementById('screen').append(place)
  const root = backend.createRoot('page', space, path)
  const page = root.get()
  const entry = { path, query, root, page, ready: false, element: root.getComponent().$$ }
  Object.assign(page, { route: path, options: query, __route__: path })
  root.attach(place.parentNode, place)
  return entry
}

function show(entry) {
  entry.element.style.display = ''
  hear(entry, 'onShow')
  if (!entry.ready) {
    entry.ready = true
    hear(entry, 'onReady')
  }
}

function hide(entry) {
  if (!entry) return
  entry.element.style.display = 'none'
  hear(entry, 'onHide')
}

function drop(entry) {
  hear(entry, 'onUnload')
  entry.root.release()
  entry.element.remove()
}

async function open(url) {
  const { path, query } = parse(url)
  await loaded(path)
  const kept = tabs.get(path)
  if (kept) return kept
  const entry = build(path, query)
  if (isTab(path)) tabs.set(path, entry)
  entry.fresh = true
  return entry
}

function enter(entry) {
  entries.push(entry)
  if (entry.fresh) {
    entry.fresh = false
    hear(entry, 'onLoad', entry.query)
  }
  show(entry)
}

const top = () => entries[entries.length - 1]

function leaveTop() {
  const entry = entries.pop()
  hide(entry)
  if (!tabs.has(entry.path)) drop(entry)
}

/** Each way of moving waits for the one before it, as WeChat's do. */
let moving = Promise.resolve()
function move(options, settle, task) {
  moving = moving.then(task).then(
    () => settle(options, {}),
    (error) => {
      console.error(`navigation failed: ${error.stack ?? error}`)
      settle(options, null, { errMsg: String(error) })
    },
  )
}

export const stack = {
  all: () => entries.map((entry) => entry.page),
  current: () => top()?.path ?? '',
  settled: () => moving,
  navigateTo: (options, settle) =>
    move(options, settle, async () => {
      if (isTab(parse(options.url).path)) throw new Error(`navigateTo cannot open the tab ${options.url}`)
      if (entries.length >= 10) throw new Error('more than ten pages')
      const next = await open(options.url)
      hide(top())
      enter(next)
    }),
  redirectTo: (options, settle) =>
    move(options, settle, async () => {
      if (isTab(parse(options.url).path)) throw new Error(`redirectTo cannot open the tab ${options.url}`)
      const next = await open(options.url)
      leaveTop()
      enter(next)
    }),
  switchTab: (options, settle) =>
    move(options, settle, async () => {
      if (!isTab(parse(options.url).path)) throw new Error(`switchTab needs a tab, not ${options.url}`)
      const next = await open(options.url)
      if (top() === next) return
      while (entries.length > 0) leaveTop()
      enter(next)
    }),
  reLaunch: (options, settle) =>
    move(options, settle, async () => {
      while (entries.length > 0) leaveTop()
      for (const entry of tabs.values()) drop(entry)
      tabs.clear()
      enter(await open(options.url))
    }),
  navigateBack: (options, settle) =>
    move(options, settle, async () => {
      for (let n = options?.delta ?? 1; n > 0 && entries.length > 1; n -= 1) leaveTop()
      show(top())
    }),
}
