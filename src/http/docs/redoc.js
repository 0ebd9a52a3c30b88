Redoc.init(
  '/openapi.json',
  {
    nativeScrollbars: true,
    scrollYOffset: '.bar',
    theme: { colors: { primary: { main: '#0b6b3a' } } },
  },
  document.querySelector('#redoc'),
)
