import { createSSRApp } from 'vue'
import App from './App.vue'
// #ifdef H5
import LostPage from './components/LostPage.vue'
// #endif

/** uni-app calls this once per start on both platforms. */
export function createApp() {
  const app = createSSRApp(App)
  // #ifdef H5
  // Named in manifest.json: what stands where a page should, whose code could not be fetched.
  app.component('LostPage', LostPage)
  // #endif
  return { app }
}
