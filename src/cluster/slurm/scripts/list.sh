# Every key that was handed in here.
say "$mark"
cd "$state/keys" 2> /dev/null && for key in *; do [ ! -L "$key/dir" ] || say key "$key"; done
say done
