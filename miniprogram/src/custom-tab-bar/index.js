// The page itself draws the tab bar (src/components/TabBar.vue), because the middle button is raised
// and the elder version resizes it. WeChat still asks for this component, so it draws nothing.
Component({})
