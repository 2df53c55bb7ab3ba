// Starts GOV.UK Frontend's components on pages whose browser has scripts. Everything works without.
const named = document.querySelector('script[data-components]')

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported')
}
if (named) {
  import(named.dataset.components).then((components) => components.initAll())
}
