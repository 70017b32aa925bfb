/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Address of the gateway for mp-weixin, such as https://gateway.example.gov.cn (no slash at the end). */
  readonly VITE_GATEWAY?: string
}

declare module '*.vue' {
  import { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}
