// Search as you type, and no need to press a button after choosing a country. Without scripts the forms do both.
const country = document.getElementById("country");
const search = document.getElementById("search");
const none = document.getElementById("none");
const banks = [...document.querySelectorAll("[data-search]")];
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const goOn = () => {
  if (search) search.value = "";
  if (country.value) country.form.submit();
};
country.addEventListener("change", goOn);
if (!country.selectedOptions[0].defaultSelected && country.value) goOn(); // chosen before this script had come
if (search) {
  const show = () => {
    const words = plain(search.value).split(/\s+/);
    for (const bank of banks) bank.hidden = !words.every((word) => bank.dataset.search.includes(word));
    none.hidden = banks.some((bank) => !bank.hidden);
  };
  search.addEventListener("input", show);
  search.form.addEventListener("submit", (event) => {
    const shown = banks.filter((bank) => !bank.hidden);
    if (document.activeElement !== search) return;
    event.preventDefault(); // Enter takes the only bank that is left
    if (shown.length === 1) shown[0].querySelector("a").click();
  });
  show();
}
