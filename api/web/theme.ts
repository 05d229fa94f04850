/** Runs before the first paint, so that who chose a theme never sees the other one flash. */
const chosen = localStorage.getItem('sonde-theme')
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen
