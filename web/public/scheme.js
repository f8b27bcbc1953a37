// Sets the colour scheme and the font size before the first paint. It is a file of its own because
// the Content-Security-Policy allows no inline script.
(function () {
  var root = document.documentElement;
  var scheme = 'auto';
  var size = '100';
  try {
    scheme = localStorage.getItem('nghisu.scheme') || scheme;
    size = localStorage.getItem('nghisu.fontSize') || size;
  } catch {
    // storage is closed: the defaults stay
  }
  if (scheme !== 'light' && scheme !== 'dark') {
    scheme = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  root.setAttribute('data-mantine-color-scheme', scheme);
  if (size === '112' || size === '125') root.style.fontSize = size + '%';
})();
