import { createSSRApp } from 'vue'
import App from './App.vue'

/** uni-app calls this once per start on both platforms. */
export function createApp() {
  const app = createSSRApp(App)
  return { app }
}
