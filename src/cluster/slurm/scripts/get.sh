# Plain files of a run directory as a tar archive, never folders and links. Set above: key, and names: those, whatever
# their size. Without names all but `lazy` and what is larger than `most` bytes.
cd "$state/keys/$key/dir/" || exit 1
say "$mark"
list() {
  local name without=()
  for name in "${names[@]}"; do
    [ ! -f "./$name" ] || [ -L "./$name" ] || printf './%s\0' "$name"
  done
  [ ${#names[@]} -eq 0 ] || return 0
  for name in "${lazy[@]}"; do without+=(! -name "$name"); done
  find . -maxdepth 1 -type f -size "-$((most + 1))c" "${without[@]}" -printf './%f\0'
}
list | tar -c -f - --null --no-recursion -T -
