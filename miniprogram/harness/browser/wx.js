// The part of WeChat's `wx` that the app calls, on top of a browser. What is missing here is missing
// on purpose: a call to it throws, and the test that made it fails.
import { stack } from './pages.js'

// What the device remembers from before, given by the test.
const store = new Map(Object.entries(globalThis.remembered ?? {}))
const noop = () => undefined
/** WeChat keeps what JSON keeps. */
const copied = (value) => (value === undefined ? '' : JSON.parse(JSON.stringify(value)))

function settle(options, answer, failure) {
  queueMicrotask(() => {
    if (failure) options?.fail?.(failure)
    else options?.success?.(answer)
    options?.complete?.(failure ?? answer)
  })
}

function bodyOf(options) {
  if (options.data === undefined || options.method === 'GET' || !options.method) return undefined
  return typeof options.data === 'string' ? options.data : JSON.stringify(options.data)
}

function request(options) {
  const methods = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']
  if (options.method && !methods.includes(options.method)) {
    settle(options, null, { errMsg: `request:fail method ${options.method}` })
    return
  }
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), options.timeout ?? 60_000)
  fetch(new URL(options.url, location.origin), {
    method: options.method ?? 'GET',
    headers: options.header,
    body: bodyOf(options),
    signal: abort.signal,
  })
    .then(async (answer) => ({
      statusCode: answer.status,
      header: Object.fromEntries(answer.headers),
      data: options.responseType === 'arraybuffer' ? await answer.arrayBuffer() : await answer.text(),
      errMsg: 'request:ok',
    }))
    .then((answer) => settle(options, answer))
    .catch((error) => settle(options, null, { errMsg: `request:fail ${error.message}` }))
    .finally(() => clearTimeout(timer))
}

const system = {
  brand: 'devtools',
  model: 'iPhone 13',
  platform: 'ios',
  system: 'iOS 17.0',
  version: '8.0.49',
  SDKVersion: '3.4.2',
  language: 'zh_CN',
  pixelRatio: 2,
  statusBarHeight: 20,
  fontSizeSetting: 17,
  windowWidth: 375,
  windowHeight: 812,
  screenWidth: 375,
  screenHeight: 812,
  safeArea: { left: 0, right: 375, top: 20, bottom: 812, width: 375, height: 792 },
}

function toBase64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)))
}

function randomValues(options) {
  settle(options, { randomValues: crypto.getRandomValues(new Uint8Array(options.length)).buffer })
}

export const calls = []
const noted = (name, answer = {}) => (options) => {
  calls.push({ name, options })
  settle(options, answer)
}

export const wx = {
  env: { USER_DATA_PATH: '/' },
  canIUse: () => true,
  nextTick: (task) => queueMicrotask(task),
  getSystemInfoSync: () => ({ ...system }),
  getWindowInfo: () => ({ ...system }),
  getDeviceInfo: () => ({ ...system }),
  getAppBaseInfo: () => ({ ...system }),
  getAccountInfoSync: () => ({ miniProgram: { appId: 'touristappid', envVersion: 'develop' } }),
  getLaunchOptionsSync: () => ({ path: '', query: {}, scene: 1001 }),
  getEnterOptionsSync: () => ({ path: '', query: {}, scene: 1001 }),
  getMenuButtonBoundingClientRect: () => ({ left: 281, right: 368, top: 24, bottom: 56, width: 87, height: 32 }),
  onAppShow: noop,
  onAppHide: noop,
  offAppShow: noop,
  offAppHide: noop,
  onError: noop,
  onNetworkStatusChange: noop,
  getNetworkType: (options) => settle(options, { networkType: navigator.onLine ? 'wifi' : 'none' }),
  request,
  getStorageSync: (key) => (store.has(key) ? copied(store.get(key)) : ''),
  setStorageSync: (key, value) => store.set(key, copied(value)),
  removeStorageSync: (key) => store.delete(key),
  setStorage: (options) => {
    store.set(options.key, copied(options.data))
    settle(options, {})
  },
  navigateTo: (options) => stack.navigateTo(options, settle),
  redirectTo: (options) => stack.redirectTo(options, settle),
  switchTab: (options) => stack.switchTab(options, settle),
  reLaunch: (options) => stack.reLaunch(options, settle),
  navigateBack: (options) => stack.navigateBack(options, settle),
  setNavigationBarTitle: noted('setNavigationBarTitle'),
  stopPullDownRefresh: noted('stopPullDownRefresh'),
  pageScrollTo: noted('pageScrollTo'),
  hideKeyboard: noted('hideKeyboard'),
  makePhoneCall: noted('makePhoneCall'),
  setClipboardData: noted('setClipboardData'),
  setScreenBrightness: noted('setScreenBrightness'),
  getScreenBrightness: noted('getScreenBrightness', { value: 0.5 }),
  setKeepScreenOn: noted('setKeepScreenOn'),
  login: noted('login', { code: 'harness-login-code' }),
  getRandomValues: randomValues,
  arrayBufferToBase64: toBase64,
  base64ToArrayBuffer: (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer,
}
