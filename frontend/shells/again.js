// "Try again" of the frame's sentence: the same address with all that is behind its #, where the theme is.

for (const link of document.querySelectorAll("a[data-again]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.reload();
  });
}
