// Starts the built mini-program in this page: templates by glass-easel, scripts as they were built.
import * as glassEasel from './glass-easel.js'
import { MiniProgramEnv } from './adapter.js'
import { configs, modules, templates } from './artefact.js'
import { prepare, stack } from './pages.js'
import { calls, wx } from './wx.js'

glassEasel.globalOptions.useMethodCallerListeners = true
glassEasel.globalOptions.throwGlobalError = false

// In WeChat an event carries its detail itself; uni-app takes an inherited one for none.
const wrapEvent = glassEasel.Event.prototype.wrapShadowedEvent
glassEasel.Event.prototype.wrapShadowedEvent = function (...args) {
  return Object.defineProperty(wrapEvent.apply(this, args), 'detail', { value: this.detail, writable: true })
}

const context = new glassEasel.CurrentWindowBackendContext()
context.onEvent((target, type, detail, options) => {
  const event = new glassEasel.Event(type, detail, options)
  glassEasel.Event.dispatchEvent(target, event)
  if (type === 'tap') openType(target)
  return event.defaultPrevented() ? 1 : 0
})

/** A button with an open-type asks WeChat first, then the page hears what came of it. */
function openType(target) {
  const button = target.$$?.closest?.('button[open-type]')
  if (!button || button.hasAttribute('disabled') || !button.__wxElement) return
  const answers = {
    getPhoneNumber: ['getphonenumber', { code: 'harness-phone-code', errMsg: 'getPhoneNumber:ok' }],
    agreePrivacyAuthorization: ['agreeprivacyauthorization', { errMsg: 'agreePrivacyAuthorization:ok' }],
  }
  const [name, detail] = answers[button.getAttribute('open-type')] ?? []
  if (name) button.__wxElement.triggerEvent(name, detail)
}

const env = new MiniProgramEnv()
const space = env.createCodeSpace('', true)
const backend = env.associateBackend(context)

// glass-easel leaves it to its host to say when a component has been laid out.
space.setOverallBehavior(
  space
    .getComponentSpace()
    .define()
    .lifetime('attached', function () {
      const component = this._$ ?? this
      queueMicrotask(() => component.triggerLifetime('ready', []))
    })
    .registerBehavior(),
)

for (const [path, config] of Object.entries(configs)) {
  // uni-app scopes styles by itself (data-v-…), so all components share one style scope here.
  space.addComponentStaticConfig(path, { ...config, styleIsolation: 'shared' })
}
for (const [path, content] of Object.entries(templates)) {
  space.addCompiledTemplate(path, { groupList: templates, content })
}

let instance = null
let defining = null
const globals = {
  global: {},
  App: (definition) => {
    instance = { ...definition, globalData: {} }
  },
  getApp: () => instance,
  getCurrentPages: () => stack.all(),
  // uni-app keeps these from the moment that it loads, so they pass on to whoever defines just now.
  Page: (definition) => defining.Page(definition),
  Component: (definition) => defining.Component(definition),
  Behavior: (definition) => defining.Behavior(definition),
}

const loadedModules = new Map()
function requireModule(path) {
  const known = loadedModules.get(path)
  if (known) return known.exports
  const body = modules[path]
  if (!body) throw new Error(`no module ${path}`)
  const module = { exports: {} }
  loadedModules.set(path, module)
  const folder = path.split('/').slice(0, -1)
  const require = (wanted) => requireModule(resolve(folder, wanted))
  const { App, Page, Component, Behavior, getApp, getCurrentPages, global } = globals
  body(module, module.exports, require, wx, App, Page, Component, Behavior, getApp, getCurrentPages, global)
  return module.exports
}

function resolve(folder, wanted) {
  const parts = [...folder]
  for (const part of wanted.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  const path = parts.join('/')
  return modules[path] ? path : `${path}.js`
}

const defined = new Set()
/** Define a page or component and, before it, the components that it uses. */
function define(path) {
  if (defined.has(path)) return
  defined.add(path)
  for (const place of Object.values(configs[path]?.usingComponents ?? {})) {
    define(place.startsWith('/') ? place.slice(1) : resolve(path.split('/').slice(0, -1), place).replace(/\.js$/, ''))
  }
  space.componentEnv(path, (constructors) => {
    defining = constructors
    requireModule(`${path}.js`)
  })
}

const app = configs.app
prepare({ backend, space, app, loaded: async (path) => define(path) })

requireModule('app.js')
instance.onLaunch?.({ path: app.pages[0], query: {}, scene: 1001 })
instance.onShow?.({ path: app.pages[0], query: {}, scene: 1001 })

globalThis.harness = {
  calls,
  current: () => stack.current(),
  async open(url) {
    wx.reLaunch({ url })
    await stack.settled()
  },
  settled: () => stack.settled(),
  stored: (key) => wx.getStorageSync(key),
}
await globalThis.harness.open(`/${app.pages[0]}`)
document.documentElement.dataset.ready = 'yes'
