import { render } from 'preact'
import { App } from './app.js'
import { createClock } from './data/clock.js'
import { createRouter } from './router.js'
import { keepScroll } from './scroll.js'
import './style.css'

const root = document.getElementById('app')
keepScroll(window)
if (root) render(<App router={createRouter(window)} clock={createClock()} />, root)
