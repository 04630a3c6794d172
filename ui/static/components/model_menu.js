// Gradio runs this with the menu as `element`; `trigger` sends an event with its data.
element.addEventListener('toggle', (event) => {
  const menu = event.target;
  if (menu.matches('.model') && menu.open && !menu.querySelector('[data-backend]')) trigger('input', {});
}, true);
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-backend]');
  if (button) trigger('select', { backend: button.dataset.backend });
});
