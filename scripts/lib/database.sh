# Sourced by scripts that start a daemon: on which database it is to work.

# choose_database [OPTION…]      with DATABASE=postgres the daemon gets a PostgreSQL server of its own, which ends with the script
choose_database() {
    case ${DATABASE:-sqlite} in
        sqlite) unset SIGHTLINE_DATABASE ;;
        postgres)
            coproc DATABASE_SERVER { exec "$(dirname "${BASH_SOURCE[0]}")/postgres" "$@"; }
            read -r SIGHTLINE_DATABASE <&"${DATABASE_SERVER[0]}" || return 1
            export SIGHTLINE_DATABASE
            ;;
        *)
            printf "DATABASE=%s is neither 'sqlite' nor 'postgres'\n" "$DATABASE" >&2
            return 1
            ;;
    esac
}
