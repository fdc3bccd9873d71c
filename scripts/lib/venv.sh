# Sourced by scripts that need packages of Python: these are in a place of their own, as pinned.

# pinned_venv FOLDER REQUIREMENTS [PACKAGE…]      makes FOLDER a virtual environment of what the file pins, anew when that has
# changed; each PACKAGE is added without what it names itself. The script's own `fail` says what went wrong.
pinned_venv() {
    local folder=$1 requirements=$2
    shift 2
    ! cmp --silent "$requirements" "$folder/requirements.txt" || return 0
    rm -rf "$folder"
    python3 -m venv "$folder" ||
        fail "Python cannot make a virtual environment; 'sudo apt-get install python3-venv' brings what is missing"
    local install=("$folder/bin/python" -m pip --disable-pip-version-check install --quiet)
    "${install[@]}" --requirement "$requirements" && { (($# == 0)) || "${install[@]}" --no-deps "$@"; } ||
        fail "the packages in scripts/lib/$(basename "$requirements") could not be installed"
    cp "$requirements" "$folder/requirements.txt"
}
