/** Shows another address in the address bar, in place of the present one; nothing is loaded. */
export function showAddress(address: string): void {
  if (address !== location.href) {
    history.replaceState(history.state, "", address);
  }
}
