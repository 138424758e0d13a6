-- Made by Splink (scripts/make-comparison-sql); not to be edited.
WITH

__splink__df_pruned_predict_input_with_tf_l as (
    select
        compared_profiles.*,
        frequencies_given_main."tf_given_main",
        frequencies_given_kana_main."tf_given_kana_main",
        frequencies_guardian_main."tf_guardian_main",
        frequencies_address_main."tf_address_main",
        frequencies_family_main."tf_family_main"
        from compared_profiles
        left join frequencies_given_main on compared_profiles."given_main" = frequencies_given_main."given_main"
    left join frequencies_given_kana_main on compared_profiles."given_kana_main" = frequencies_given_kana_main."given_kana_main"
    left join frequencies_guardian_main on compared_profiles."guardian_main" = frequencies_guardian_main."guardian_main"
    left join frequencies_address_main on compared_profiles."address_main" = frequencies_address_main."address_main"
    left join frequencies_family_main on compared_profiles."family_main" = frequencies_family_main."family_main"
), 

__splink__df_pruned_predict_input_with_tf_r as (
    select
        compared_profiles.*,
        frequencies_given_main."tf_given_main",
        frequencies_given_kana_main."tf_given_kana_main",
        frequencies_guardian_main."tf_guardian_main",
        frequencies_address_main."tf_address_main",
        frequencies_family_main."tf_family_main"
        from compared_profiles
        left join frequencies_given_main on compared_profiles."given_main" = frequencies_given_main."given_main"
    left join frequencies_given_kana_main on compared_profiles."given_kana_main" = frequencies_given_kana_main."given_kana_main"
    left join frequencies_guardian_main on compared_profiles."guardian_main" = frequencies_guardian_main."guardian_main"
    left join frequencies_address_main on compared_profiles."address_main" = frequencies_address_main."address_main"
    left join frequencies_family_main on compared_profiles."family_main" = frequencies_family_main."family_main"
), 

blocked_with_cols as (
    select
    "l"."profile" AS "profile_l",
    "r"."profile" AS "profile_r",
    "l"."words" AS "words_l",
    "r"."words" AS "words_r",
    "l"."given_first" AS "given_first_l",
    "r"."given_first" AS "given_first_r",
    "l"."given_kana_first" AS "given_kana_first_l",
    "r"."given_kana_first" AS "given_kana_first_r",
    "l"."given_main" AS "given_main_l",
    "r"."given_main" AS "given_main_r",
    "l"."tf_given_main" AS "tf_given_main_l",
    "r"."tf_given_main" AS "tf_given_main_r",
    "l"."given_kana_others" AS "given_kana_others_l",
    "r"."given_kana_others" AS "given_kana_others_r",
    "l"."given_others" AS "given_others_l",
    "r"."given_others" AS "given_others_r",
    "l"."tf_given_kana_main" AS "tf_given_kana_main_l",
    "r"."tf_given_kana_main" AS "tf_given_kana_main_r",
    "l"."family_kana_others" AS "family_kana_others_l",
    "r"."family_kana_others" AS "family_kana_others_r",
    "l"."family_others" AS "family_others_l",
    "r"."family_others" AS "family_others_r",
    "l"."family_kana_first" AS "family_kana_first_l",
    "r"."family_kana_first" AS "family_kana_first_r",
    "l"."family_first" AS "family_first_l",
    "r"."family_first" AS "family_first_r",
    "l"."given_code" AS "given_code_l",
    "r"."given_code" AS "given_code_r",
    "l"."birth_date_first" AS "birth_date_first_l",
    "r"."birth_date_first" AS "birth_date_first_r",
    "l"."birth_date_others" AS "birth_date_others_l",
    "r"."birth_date_others" AS "birth_date_others_r",
    "l"."born_day" AS "born_day_l",
    "r"."born_day" AS "born_day_r",
    "l"."birth_date_main" AS "birth_date_main_l",
    "r"."birth_date_main" AS "birth_date_main_r",
    "l"."born_month" AS "born_month_l",
    "r"."born_month" AS "born_month_r",
    "l"."born_year" AS "born_year_l",
    "r"."born_year" AS "born_year_r",
    "l"."first_seen" AS "first_seen_l",
    "r"."first_seen" AS "first_seen_r",
    "l"."sex_first" AS "sex_first_l",
    "r"."sex_first" AS "sex_first_r",
    "l"."sex_others" AS "sex_others_l",
    "r"."sex_others" AS "sex_others_r",
    "l"."shared_number_first" AS "shared_number_first_l",
    "r"."shared_number_first" AS "shared_number_first_r",
    "l"."shared_number_others" AS "shared_number_others_l",
    "r"."shared_number_others" AS "shared_number_others_r",
    "l"."shared_number_main" AS "shared_number_main_l",
    "r"."shared_number_main" AS "shared_number_main_r",
    "l"."family_main" AS "family_main_l",
    "r"."family_main" AS "family_main_r",
    "l"."tf_family_main" AS "tf_family_main_l",
    "r"."tf_family_main" AS "tf_family_main_r",
    "l"."family_years" AS "family_years_l",
    "r"."family_years" AS "family_years_r",
    "l"."family_code" AS "family_code_l",
    "r"."family_code" AS "family_code_r",
    "l"."town_first" AS "town_first_l",
    "r"."town_first" AS "town_first_r",
    "l"."postal_first" AS "postal_first_l",
    "r"."postal_first" AS "postal_first_r",
    "l"."address_first" AS "address_first_l",
    "r"."address_first" AS "address_first_r",
    "l"."address_main" AS "address_main_l",
    "r"."address_main" AS "address_main_r",
    "l"."tf_address_main" AS "tf_address_main_l",
    "r"."tf_address_main" AS "tf_address_main_r",
    "l"."address_years" AS "address_years_l",
    "r"."address_years" AS "address_years_r",
    "l"."address_others" AS "address_others_l",
    "r"."address_others" AS "address_others_r",
    "l"."room_others" AS "room_others_l",
    "r"."room_others" AS "room_others_r",
    "l"."town_main" AS "town_main_l",
    "r"."town_main" AS "town_main_r",
    "l"."block_first" AS "block_first_l",
    "r"."block_first" AS "block_first_r",
    "l"."block_others" AS "block_others_l",
    "r"."block_others" AS "block_others_r",
    "l"."room_first" AS "room_first_l",
    "r"."room_first" AS "room_first_r",
    "l"."postal_others" AS "postal_others_l",
    "r"."postal_others" AS "postal_others_r",
    "l"."block_main" AS "block_main_l",
    "r"."block_main" AS "block_main_r",
    "l"."town_others" AS "town_others_l",
    "r"."town_others" AS "town_others_r",
    "l"."line_others" AS "line_others_l",
    "r"."line_others" AS "line_others_r",
    "l"."line_first" AS "line_first_l",
    "r"."line_first" AS "line_first_r",
    "l"."phone_first" AS "phone_first_l",
    "r"."phone_first" AS "phone_first_r",
    "l"."phone_others" AS "phone_others_l",
    "r"."phone_others" AS "phone_others_r",
    "l"."phone_main" AS "phone_main_l",
    "r"."phone_main" AS "phone_main_r",
    "l"."guardian_first" AS "guardian_first_l",
    "r"."guardian_first" AS "guardian_first_r",
    "l"."guardian_kana_first" AS "guardian_kana_first_l",
    "r"."guardian_kana_first" AS "guardian_kana_first_r",
    "l"."guardian_main" AS "guardian_main_l",
    "r"."guardian_main" AS "guardian_main_r",
    "l"."tf_guardian_main" AS "tf_guardian_main_l",
    "r"."tf_guardian_main" AS "tf_guardian_main_r",
    "l"."guardian_kana_others" AS "guardian_kana_others_l",
    "r"."guardian_kana_others" AS "guardian_kana_others_r",
    "l"."guardian_others" AS "guardian_others_l",
    "r"."guardian_others" AS "guardian_others_r",
    "l"."guardian_given_first" AS "guardian_given_first_l",
    "r"."guardian_given_first" AS "guardian_given_first_r",
    "l"."guardian_given_others" AS "guardian_given_others_l",
    "r"."guardian_given_others" AS "guardian_given_others_r",
    "l"."guardian_code" AS "guardian_code_l",
    "r"."guardian_code" AS "guardian_code_r",
    b.match_key
    from pairs_to_compare as b
    inner join __splink__df_pruned_predict_input_with_tf_l as l
    on l."profile" = b.join_key_l
    inner join __splink__df_pruned_predict_input_with_tf_r as r
    on r."profile" = b.join_key_r
), 

__splink__df_comparison_vectors as (
    select
    "profile_l",
    "profile_r",
    CASE
        WHEN (((given_first_l IS NULL OR given_first_r IS NULL) AND (given_kana_first_l IS NULL OR given_kana_first_r IS NULL)) AND (words_l IS NULL OR words_r IS NULL)) THEN -1
        WHEN given_main_l = given_main_r AND (((given_kana_first_l IS NULL OR given_kana_first_r IS NULL)) OR (given_kana_first_l = given_kana_first_r OR (given_kana_others_l IS NOT NULL AND list_contains(given_kana_others_l, given_kana_first_r)) OR (given_kana_others_r IS NOT NULL AND (list_contains(given_kana_others_r, given_kana_first_l) OR list_has_any(given_kana_others_l, given_kana_others_r))))) THEN 8
        WHEN (given_first_l = given_first_r OR (given_others_l IS NOT NULL AND list_contains(given_others_l, given_first_r)) OR (given_others_r IS NOT NULL AND (list_contains(given_others_r, given_first_l) OR list_has_any(given_others_l, given_others_r)))) AND (((given_kana_first_l IS NULL OR given_kana_first_r IS NULL)) OR (given_kana_first_l = given_kana_first_r OR (given_kana_others_l IS NOT NULL AND list_contains(given_kana_others_l, given_kana_first_r)) OR (given_kana_others_r IS NOT NULL AND (list_contains(given_kana_others_r, given_kana_first_l) OR list_has_any(given_kana_others_l, given_kana_others_r))))) THEN 7
        WHEN (given_kana_first_l = given_kana_first_r OR (given_kana_others_l IS NOT NULL AND list_contains(given_kana_others_l, given_kana_first_r)) OR (given_kana_others_r IS NOT NULL AND (list_contains(given_kana_others_r, given_kana_first_l) OR list_has_any(given_kana_others_l, given_kana_others_r)))) AND (((given_first_l IS NULL OR given_first_r IS NULL)) OR (greatest(length(given_main_l), length(given_main_r)) >= 2 AND least(length(given_main_l), length(given_main_r)) >= greatest(length(given_main_l), length(given_main_r)) - 1 AND len(list_intersect(string_split(given_main_l, ''), string_split(given_main_r, ''))) >= greatest(length(given_main_l), length(given_main_r)) - 1)) THEN 6
        WHEN (((given_first_l = family_first_r OR (given_others_l IS NOT NULL AND list_contains(given_others_l, family_first_r)) OR (family_others_r IS NOT NULL AND (list_contains(family_others_r, given_first_l) OR list_has_any(given_others_l, family_others_r)))) AND (family_first_l = given_first_r OR (family_others_l IS NOT NULL AND list_contains(family_others_l, given_first_r)) OR (given_others_r IS NOT NULL AND (list_contains(given_others_r, family_first_l) OR list_has_any(family_others_l, given_others_r))))) OR ((given_kana_first_l = family_kana_first_r OR (given_kana_others_l IS NOT NULL AND list_contains(given_kana_others_l, family_kana_first_r)) OR (family_kana_others_r IS NOT NULL AND (list_contains(family_kana_others_r, given_kana_first_l) OR list_has_any(given_kana_others_l, family_kana_others_r)))) AND (family_kana_first_l = given_kana_first_r OR (family_kana_others_l IS NOT NULL AND list_contains(family_kana_others_l, given_kana_first_r)) OR (given_kana_others_r IS NOT NULL AND (list_contains(given_kana_others_r, family_kana_first_l) OR list_has_any(family_kana_others_l, given_kana_others_r)))))) THEN 5
        WHEN (words_l IS NOT NULL AND words_r IS NOT NULL AND (len(list_intersect(words_l, words_r)) >= 2 OR (len(list_intersect(words_l, words_r)) > 0 AND len(list_intersect(words_l, words_r)) = least(len(words_l), len(words_r))))) THEN 4
        WHEN (given_kana_first_l = given_kana_first_r OR (given_kana_others_l IS NOT NULL AND list_contains(given_kana_others_l, given_kana_first_r)) OR (given_kana_others_r IS NOT NULL AND (list_contains(given_kana_others_r, given_kana_first_l) OR list_has_any(given_kana_others_l, given_kana_others_r)))) THEN 3
        WHEN (given_first_l = given_first_r OR (given_others_l IS NOT NULL AND list_contains(given_others_l, given_first_r)) OR (given_others_r IS NOT NULL AND (list_contains(given_others_r, given_first_l) OR list_has_any(given_others_l, given_others_r)))) THEN 2
        WHEN ((greatest(length(given_code_l), length(given_code_r)) >= 3 AND (right(given_code_l, 1) = right(given_code_r, 1) OR left(given_code_l, greatest(length(given_code_l), length(given_code_r)) - 2) = left(given_code_r, greatest(length(given_code_l), length(given_code_r)) - 2)) AND damerau_levenshtein(given_code_l, given_code_r) <= 1) OR (least(length(given_code_l), length(given_code_r)) >= 3 AND (starts_with(given_code_l, given_code_r) OR starts_with(given_code_r, given_code_l))) OR (least(length(given_main_l), length(given_main_r)) >= 3 AND (starts_with(given_main_l, given_main_r) OR starts_with(given_main_r, given_main_l))) OR (((given_kana_first_l IS NULL OR given_kana_first_r IS NULL)) AND (greatest(length(given_main_l), length(given_main_r)) >= 2 AND least(length(given_main_l), length(given_main_r)) >= greatest(length(given_main_l), length(given_main_r)) - 1 AND len(list_intersect(string_split(given_main_l, ''), string_split(given_main_r, ''))) >= greatest(length(given_main_l), length(given_main_r)) - 1))) THEN 1
        ELSE 0
    END as gamma_given_name,
    "tf_given_main_l",
    "tf_given_main_r",
    "tf_given_kana_main_l",
    "tf_given_kana_main_r",
    CASE
        WHEN ((birth_date_first_l IS NULL OR birth_date_first_r IS NULL)) THEN -1
        WHEN (birth_date_first_l = birth_date_first_r OR (birth_date_others_l IS NOT NULL AND list_contains(birth_date_others_l, birth_date_first_r)) OR (birth_date_others_r IS NOT NULL AND (list_contains(birth_date_others_r, birth_date_first_l) OR list_has_any(birth_date_others_l, birth_date_others_r)))) THEN 3
        WHEN (((CAST(born_year_l = born_year_r AS INTEGER) + CAST(born_month_l = born_month_r AS INTEGER) + CAST(born_day_l = born_day_r AS INTEGER)) = 2 AND (greatest(length(birth_date_main_l), length(birth_date_main_r)) >= 8 AND (right(birth_date_main_l, 4) = right(birth_date_main_r, 4) OR left(birth_date_main_l, greatest(length(birth_date_main_l), length(birth_date_main_r)) - 5) = left(birth_date_main_r, greatest(length(birth_date_main_l), length(birth_date_main_r)) - 5)) AND damerau_levenshtein(birth_date_main_l, birth_date_main_r) <= 1)) OR (born_year_l = born_year_r AND born_month_l = born_day_r AND born_day_l = born_month_r)) THEN 2
        WHEN ((CAST(born_year_l = born_year_r AS INTEGER) + CAST(born_month_l = born_month_r AS INTEGER) + CAST(born_day_l = born_day_r AS INTEGER)) = 2 AND CAST(birth_date_main_l AS DATE) <= first_seen_r AND CAST(birth_date_main_r AS DATE) <= first_seen_l) THEN 1
        ELSE 0
    END as gamma_birth_date,
    CASE
        WHEN ((sex_first_l IS NULL OR sex_first_r IS NULL)) THEN -1
        WHEN (sex_first_l = sex_first_r OR (sex_others_l IS NOT NULL AND list_contains(sex_others_l, sex_first_r)) OR (sex_others_r IS NOT NULL AND (list_contains(sex_others_r, sex_first_l) OR list_has_any(sex_others_l, sex_others_r)))) THEN 1
        ELSE 0
    END as gamma_sex,
    CASE
        WHEN ((shared_number_first_l IS NULL OR shared_number_first_r IS NULL)) THEN -1
        WHEN (shared_number_first_l = shared_number_first_r OR (shared_number_others_l IS NOT NULL AND list_contains(shared_number_others_l, shared_number_first_r)) OR (shared_number_others_r IS NOT NULL AND (list_contains(shared_number_others_r, shared_number_first_l) OR list_has_any(shared_number_others_l, shared_number_others_r)))) THEN 2
        WHEN (greatest(length(shared_number_main_l), length(shared_number_main_r)) >= 6 AND (right(shared_number_main_l, 3) = right(shared_number_main_r, 3) OR left(shared_number_main_l, greatest(length(shared_number_main_l), length(shared_number_main_r)) - 4) = left(shared_number_main_r, greatest(length(shared_number_main_l), length(shared_number_main_r)) - 4)) AND damerau_levenshtein(shared_number_main_l, shared_number_main_r) <= 1) THEN 1
        ELSE 0
    END as gamma_shared_number,
    CASE
        WHEN ((family_first_l IS NULL OR family_first_r IS NULL) AND (family_kana_first_l IS NULL OR family_kana_first_r IS NULL)) THEN -1
        WHEN family_main_l = family_main_r AND ((family_years_l & family_years_r) <> 0) THEN 5
        WHEN family_main_l = family_main_r THEN 4
        WHEN (family_first_l = family_first_r OR (family_others_l IS NOT NULL AND list_contains(family_others_l, family_first_r)) OR (family_others_r IS NOT NULL AND (list_contains(family_others_r, family_first_l) OR list_has_any(family_others_l, family_others_r)))) THEN 3
        WHEN (((family_kana_first_l = family_kana_first_r OR (family_kana_others_l IS NOT NULL AND list_contains(family_kana_others_l, family_kana_first_r)) OR (family_kana_others_r IS NOT NULL AND (list_contains(family_kana_others_r, family_kana_first_l) OR list_has_any(family_kana_others_l, family_kana_others_r)))) OR (((given_first_l = family_first_r OR (given_others_l IS NOT NULL AND list_contains(given_others_l, family_first_r)) OR (family_others_r IS NOT NULL AND (list_contains(family_others_r, given_first_l) OR list_has_any(given_others_l, family_others_r)))) AND (family_first_l = given_first_r OR (family_others_l IS NOT NULL AND list_contains(family_others_l, given_first_r)) OR (given_others_r IS NOT NULL AND (list_contains(given_others_r, family_first_l) OR list_has_any(family_others_l, given_others_r))))) OR ((given_kana_first_l = family_kana_first_r OR (given_kana_others_l IS NOT NULL AND list_contains(given_kana_others_l, family_kana_first_r)) OR (family_kana_others_r IS NOT NULL AND (list_contains(family_kana_others_r, given_kana_first_l) OR list_has_any(given_kana_others_l, family_kana_others_r)))) AND (family_kana_first_l = given_kana_first_r OR (family_kana_others_l IS NOT NULL AND list_contains(family_kana_others_l, given_kana_first_r)) OR (given_kana_others_r IS NOT NULL AND (list_contains(given_kana_others_r, family_kana_first_l) OR list_has_any(family_kana_others_l, given_kana_others_r))))))) OR (words_l IS NOT NULL AND words_r IS NOT NULL AND (len(list_intersect(words_l, words_r)) >= 2 OR (len(list_intersect(words_l, words_r)) > 0 AND len(list_intersect(words_l, words_r)) = least(len(words_l), len(words_r)))))) THEN 2
        WHEN ((greatest(length(family_code_l), length(family_code_r)) >= 3 AND (right(family_code_l, 1) = right(family_code_r, 1) OR left(family_code_l, greatest(length(family_code_l), length(family_code_r)) - 2) = left(family_code_r, greatest(length(family_code_l), length(family_code_r)) - 2)) AND damerau_levenshtein(family_code_l, family_code_r) <= 1) OR (least(length(family_code_l), length(family_code_r)) >= 3 AND (starts_with(family_code_l, family_code_r) OR starts_with(family_code_r, family_code_l))) OR (least(length(family_main_l), length(family_main_r)) >= 3 AND (starts_with(family_main_l, family_main_r) OR starts_with(family_main_r, family_main_l))) OR (((family_kana_first_l IS NULL OR family_kana_first_r IS NULL)) AND (greatest(length(family_main_l), length(family_main_r)) >= 2 AND least(length(family_main_l), length(family_main_r)) >= greatest(length(family_main_l), length(family_main_r)) - 1 AND len(list_intersect(string_split(family_main_l, ''), string_split(family_main_r, ''))) >= greatest(length(family_main_l), length(family_main_r)) - 1))) THEN 1
        ELSE 0
    END as gamma_family_name,
    "tf_family_main_l",
    "tf_family_main_r",
    CASE
        WHEN ((address_first_l IS NULL OR address_first_r IS NULL) AND (postal_first_l IS NULL OR postal_first_r IS NULL) AND (town_first_l IS NULL OR town_first_r IS NULL)) THEN -1
        WHEN address_main_l = address_main_r AND ((address_years_l & address_years_r) <> 0) THEN 5
        WHEN address_main_l = address_main_r THEN 4
        WHEN (address_first_l = address_first_r OR (address_others_l IS NOT NULL AND list_contains(address_others_l, address_first_r)) OR (address_others_r IS NOT NULL AND (list_contains(address_others_r, address_first_l) OR list_has_any(address_others_l, address_others_r)))) THEN 3
        WHEN (block_main_l IS NOT NULL AND block_main_r IS NOT NULL AND ((block_first_l = block_first_r OR (block_others_l IS NOT NULL AND list_contains(block_others_l, block_first_r)) OR (block_others_r IS NOT NULL AND (list_contains(block_others_r, block_first_l) OR list_has_any(block_others_l, block_others_r)))) OR (jaro_winkler_similarity(block_main_l, block_main_r) >= 0.88 AND (((town_first_l = town_first_r OR (town_others_l IS NOT NULL AND list_contains(town_others_l, town_first_r)) OR (town_others_r IS NOT NULL AND (list_contains(town_others_r, town_first_l) OR list_has_any(town_others_l, town_others_r)))) OR (postal_first_l = postal_first_r OR (postal_others_l IS NOT NULL AND list_contains(postal_others_l, postal_first_r)) OR (postal_others_r IS NOT NULL AND (list_contains(postal_others_r, postal_first_l) OR list_has_any(postal_others_l, postal_others_r))))) OR jaro_winkler_similarity(town_main_l, town_main_r) >= 0.88)) OR (((room_first_l = line_first_r OR (room_others_l IS NOT NULL AND list_contains(room_others_l, line_first_r)) OR (line_others_r IS NOT NULL AND (list_contains(line_others_r, room_first_l) OR list_has_any(room_others_l, line_others_r)))) OR (line_first_l = room_first_r OR (line_others_l IS NOT NULL AND list_contains(line_others_l, room_first_r)) OR (room_others_r IS NOT NULL AND (list_contains(room_others_r, line_first_l) OR list_has_any(line_others_l, room_others_r))))) AND (((town_first_l = town_first_r OR (town_others_l IS NOT NULL AND list_contains(town_others_l, town_first_r)) OR (town_others_r IS NOT NULL AND (list_contains(town_others_r, town_first_l) OR list_has_any(town_others_l, town_others_r)))) OR (postal_first_l = postal_first_r OR (postal_others_l IS NOT NULL AND list_contains(postal_others_l, postal_first_r)) OR (postal_others_r IS NOT NULL AND (list_contains(postal_others_r, postal_first_l) OR list_has_any(postal_others_l, postal_others_r))))) OR jaro_winkler_similarity(town_main_l, town_main_r) >= 0.88)))) THEN 2
        WHEN ((town_first_l = town_first_r OR (town_others_l IS NOT NULL AND list_contains(town_others_l, town_first_r)) OR (town_others_r IS NOT NULL AND (list_contains(town_others_r, town_first_l) OR list_has_any(town_others_l, town_others_r)))) OR (postal_first_l = postal_first_r OR (postal_others_l IS NOT NULL AND list_contains(postal_others_l, postal_first_r)) OR (postal_others_r IS NOT NULL AND (list_contains(postal_others_r, postal_first_l) OR list_has_any(postal_others_l, postal_others_r))))) THEN 1
        ELSE 0
    END as gamma_address,
    "tf_address_main_l",
    "tf_address_main_r",
    CASE
        WHEN ((phone_first_l IS NULL OR phone_first_r IS NULL)) THEN -1
        WHEN (phone_first_l = phone_first_r OR (phone_others_l IS NOT NULL AND list_contains(phone_others_l, phone_first_r)) OR (phone_others_r IS NOT NULL AND (list_contains(phone_others_r, phone_first_l) OR list_has_any(phone_others_l, phone_others_r)))) THEN 2
        WHEN (greatest(length(phone_main_l), length(phone_main_r)) >= 9 AND (right(phone_main_l, 4) = right(phone_main_r, 4) OR left(phone_main_l, greatest(length(phone_main_l), length(phone_main_r)) - 5) = left(phone_main_r, greatest(length(phone_main_l), length(phone_main_r)) - 5)) AND damerau_levenshtein(phone_main_l, phone_main_r) <= 1) THEN 1
        ELSE 0
    END as gamma_telephone,
    CASE
        WHEN ((guardian_first_l IS NULL OR guardian_first_r IS NULL) AND (guardian_kana_first_l IS NULL OR guardian_kana_first_r IS NULL)) THEN -1
        WHEN guardian_main_l = guardian_main_r THEN 4
        WHEN ((guardian_first_l = guardian_first_r OR (guardian_others_l IS NOT NULL AND list_contains(guardian_others_l, guardian_first_r)) OR (guardian_others_r IS NOT NULL AND (list_contains(guardian_others_r, guardian_first_l) OR list_has_any(guardian_others_l, guardian_others_r)))) OR (guardian_kana_first_l = guardian_kana_first_r OR (guardian_kana_others_l IS NOT NULL AND list_contains(guardian_kana_others_l, guardian_kana_first_r)) OR (guardian_kana_others_r IS NOT NULL AND (list_contains(guardian_kana_others_r, guardian_kana_first_l) OR list_has_any(guardian_kana_others_l, guardian_kana_others_r))))) THEN 3
        WHEN (guardian_given_first_l = guardian_given_first_r OR (guardian_given_others_l IS NOT NULL AND list_contains(guardian_given_others_l, guardian_given_first_r)) OR (guardian_given_others_r IS NOT NULL AND (list_contains(guardian_given_others_r, guardian_given_first_l) OR list_has_any(guardian_given_others_l, guardian_given_others_r)))) THEN 2
        WHEN (greatest(length(guardian_code_l), length(guardian_code_r)) >= 5 AND (right(guardian_code_l, 2) = right(guardian_code_r, 2) OR left(guardian_code_l, greatest(length(guardian_code_l), length(guardian_code_r)) - 3) = left(guardian_code_r, greatest(length(guardian_code_l), length(guardian_code_r)) - 3)) AND damerau_levenshtein(guardian_code_l, guardian_code_r) <= 1) THEN 1
        ELSE 0
    END as gamma_guardian,
    "tf_guardian_main_l",
    "tf_guardian_main_r",
    match_key
    from blocked_with_cols
), 

__splink__df_match_weight_parts as (
    select
    "profile_l",
    "profile_r",
    gamma_given_name,
    "tf_given_main_l",
    "tf_given_main_r",
    "tf_given_kana_main_l",
    "tf_given_kana_main_r",
    CASE
        WHEN gamma_given_name = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_given_name = 8 THEN
            cast(9.0 as float8)
        WHEN gamma_given_name = 7 THEN
            cast(8.0 as float8)
        WHEN gamma_given_name = 6 THEN
            cast(7.0 as float8)
        WHEN gamma_given_name = 5 THEN
            cast(6.0 as float8)
        WHEN gamma_given_name = 4 THEN
            cast(5.0 as float8)
        WHEN gamma_given_name = 3 THEN
            cast(4.0 as float8)
        WHEN gamma_given_name = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_given_name = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_given_name = 0 THEN
            cast(1.0 as float8)
    END as mw_given_name,
    CASE
        WHEN gamma_given_name = -1 THEN cast(0 as float8)
        WHEN gamma_given_name = 8 THEN
            CASE
                WHEN coalesce("tf_given_main_l", "tf_given_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-10.0 as float8) - log2(greatest(coalesce("tf_given_main_l", "tf_given_main_r"), coalesce("tf_given_main_r", "tf_given_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_given_name = 7 THEN cast(0 as float8)
        WHEN gamma_given_name = 6 THEN
            CASE
                WHEN coalesce("tf_given_kana_main_l", "tf_given_kana_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-8.0 as float8) - log2(greatest(coalesce("tf_given_kana_main_l", "tf_given_kana_main_r"), coalesce("tf_given_kana_main_r", "tf_given_kana_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_given_name = 5 THEN cast(0 as float8)
        WHEN gamma_given_name = 4 THEN cast(0 as float8)
        WHEN gamma_given_name = 3 THEN
            CASE
                WHEN coalesce("tf_given_kana_main_l", "tf_given_kana_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-5.0 as float8) - log2(greatest(coalesce("tf_given_kana_main_l", "tf_given_kana_main_r"), coalesce("tf_given_kana_main_r", "tf_given_kana_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_given_name = 2 THEN cast(0 as float8)
        WHEN gamma_given_name = 1 THEN cast(0 as float8)
        WHEN gamma_given_name = 0 THEN cast(0 as float8)
    END as mw_tf_adj_given_name,
    gamma_birth_date,
    CASE
        WHEN gamma_birth_date = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_birth_date = 3 THEN
            cast(4.0 as float8)
        WHEN gamma_birth_date = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_birth_date = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_birth_date = 0 THEN
            cast(1.0 as float8)
    END as mw_birth_date,
    gamma_sex,
    CASE
        WHEN gamma_sex = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_sex = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_sex = 0 THEN
            cast(1.0 as float8)
    END as mw_sex,
    gamma_shared_number,
    CASE
        WHEN gamma_shared_number = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_shared_number = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_shared_number = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_shared_number = 0 THEN
            cast(1.0 as float8)
    END as mw_shared_number,
    gamma_family_name,
    "tf_family_main_l",
    "tf_family_main_r",
    CASE
        WHEN gamma_family_name = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_family_name = 5 THEN
            cast(6.0 as float8)
        WHEN gamma_family_name = 4 THEN
            cast(5.0 as float8)
        WHEN gamma_family_name = 3 THEN
            cast(4.0 as float8)
        WHEN gamma_family_name = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_family_name = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_family_name = 0 THEN
            cast(1.0 as float8)
    END as mw_family_name,
    CASE
        WHEN gamma_family_name = -1 THEN cast(0 as float8)
        WHEN gamma_family_name = 5 THEN
            CASE
                WHEN coalesce("tf_family_main_l", "tf_family_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-7.0 as float8) - log2(greatest(coalesce("tf_family_main_l", "tf_family_main_r"), coalesce("tf_family_main_r", "tf_family_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_family_name = 4 THEN
            CASE
                WHEN coalesce("tf_family_main_l", "tf_family_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-6.0 as float8) - log2(greatest(coalesce("tf_family_main_l", "tf_family_main_r"), coalesce("tf_family_main_r", "tf_family_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_family_name = 3 THEN cast(0 as float8)
        WHEN gamma_family_name = 2 THEN cast(0 as float8)
        WHEN gamma_family_name = 1 THEN cast(0 as float8)
        WHEN gamma_family_name = 0 THEN cast(0 as float8)
    END as mw_tf_adj_family_name,
    gamma_address,
    "tf_address_main_l",
    "tf_address_main_r",
    CASE
        WHEN gamma_address = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_address = 5 THEN
            cast(6.0 as float8)
        WHEN gamma_address = 4 THEN
            cast(5.0 as float8)
        WHEN gamma_address = 3 THEN
            cast(4.0 as float8)
        WHEN gamma_address = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_address = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_address = 0 THEN
            cast(1.0 as float8)
    END as mw_address,
    CASE
        WHEN gamma_address = -1 THEN cast(0 as float8)
        WHEN gamma_address = 5 THEN
            CASE
                WHEN coalesce("tf_address_main_l", "tf_address_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-7.0 as float8) - log2(greatest(coalesce("tf_address_main_l", "tf_address_main_r"), coalesce("tf_address_main_r", "tf_address_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_address = 4 THEN
            CASE
                WHEN coalesce("tf_address_main_l", "tf_address_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-6.0 as float8) - log2(greatest(coalesce("tf_address_main_l", "tf_address_main_r"), coalesce("tf_address_main_r", "tf_address_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_address = 3 THEN cast(0 as float8)
        WHEN gamma_address = 2 THEN cast(0 as float8)
        WHEN gamma_address = 1 THEN cast(0 as float8)
        WHEN gamma_address = 0 THEN cast(0 as float8)
    END as mw_tf_adj_address,
    gamma_telephone,
    CASE
        WHEN gamma_telephone = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_telephone = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_telephone = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_telephone = 0 THEN
            cast(1.0 as float8)
    END as mw_telephone,
    gamma_guardian,
    "tf_guardian_main_l",
    "tf_guardian_main_r",
    CASE
        WHEN gamma_guardian = -1 THEN
            cast(0.0 as float8)
        WHEN gamma_guardian = 4 THEN
            cast(5.0 as float8)
        WHEN gamma_guardian = 3 THEN
            cast(4.0 as float8)
        WHEN gamma_guardian = 2 THEN
            cast(3.0 as float8)
        WHEN gamma_guardian = 1 THEN
            cast(2.0 as float8)
        WHEN gamma_guardian = 0 THEN
            cast(1.0 as float8)
    END as mw_guardian,
    CASE
        WHEN gamma_guardian = -1 THEN cast(0 as float8)
        WHEN gamma_guardian = 4 THEN
            CASE
                WHEN coalesce("tf_guardian_main_l", "tf_guardian_main_r") is not null THEN
                    cast(1.0 as float8) * (
                        cast(-6.0 as float8) - log2(greatest(coalesce("tf_guardian_main_l", "tf_guardian_main_r"), coalesce("tf_guardian_main_r", "tf_guardian_main_l"), cast(1e-06 as float8)))
                    )
                ELSE cast(0 as float8)
            END
        WHEN gamma_guardian = 3 THEN cast(0 as float8)
        WHEN gamma_guardian = 2 THEN cast(0 as float8)
        WHEN gamma_guardian = 1 THEN cast(0 as float8)
        WHEN gamma_guardian = 0 THEN cast(0 as float8)
    END as mw_tf_adj_guardian,
    match_key
    from __splink__df_comparison_vectors
)
select
cast(-13.287568102831404 as float8) + mw_given_name + mw_tf_adj_given_name + mw_birth_date + mw_sex + mw_shared_number + mw_family_name + mw_tf_adj_family_name + mw_address + mw_tf_adj_address + mw_telephone + mw_guardian + mw_tf_adj_guardian as match_weight,
CASE
        WHEN (cast(-13.287568102831404 as float8) + mw_given_name + mw_tf_adj_given_name + mw_birth_date + mw_sex + mw_shared_number + mw_family_name + mw_tf_adj_family_name + mw_address + mw_tf_adj_address + mw_telephone + mw_guardian + mw_tf_adj_guardian) >= 0 THEN
            1.0 / (1.0 + POWER(cast(2 as float8), -(cast(-13.287568102831404 as float8) + mw_given_name + mw_tf_adj_given_name + mw_birth_date + mw_sex + mw_shared_number + mw_family_name + mw_tf_adj_family_name + mw_address + mw_tf_adj_address + mw_telephone + mw_guardian + mw_tf_adj_guardian)))
        ELSE
            POWER(cast(2 as float8), (cast(-13.287568102831404 as float8) + mw_given_name + mw_tf_adj_given_name + mw_birth_date + mw_sex + mw_shared_number + mw_family_name + mw_tf_adj_family_name + mw_address + mw_tf_adj_address + mw_telephone + mw_guardian + mw_tf_adj_guardian)) /
            (1.0 + POWER(cast(2 as float8), (cast(-13.287568102831404 as float8) + mw_given_name + mw_tf_adj_given_name + mw_birth_date + mw_sex + mw_shared_number + mw_family_name + mw_tf_adj_family_name + mw_address + mw_tf_adj_address + mw_telephone + mw_guardian + mw_tf_adj_guardian)))
    END as match_probability,
"profile_l",
"profile_r",
"tf_given_main_l",
"tf_given_main_r",
"tf_given_kana_main_l",
"tf_given_kana_main_r",
mw_given_name,
mw_tf_adj_given_name,
mw_birth_date,
mw_sex,
mw_shared_number,
"tf_family_main_l",
"tf_family_main_r",
mw_family_name,
mw_tf_adj_family_name,
"tf_address_main_l",
"tf_address_main_r",
mw_address,
mw_tf_adj_address,
mw_telephone,
"tf_guardian_main_l",
"tf_guardian_main_r",
mw_guardian,
mw_tf_adj_guardian,
match_key
from __splink__df_match_weight_parts
