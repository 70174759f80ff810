//! Columns that hold rows about persons are refused by their names alone; no value is looked at,
//! shown or kept.

use domain::diagnostic::{Diagnostic, Place, Refusal};

use crate::findings::Findings;
use crate::tables::Role;
use crate::text::shown;

/// Names that identify a person wherever they stand.
const PERSONAL: [&str; 26] = [
    "mrn",
    "medicalrecordnumber",
    "dob",
    "dateofbirth",
    "birthdate",
    "birthday",
    "birth",
    "ssn",
    "socialsecuritynumber",
    "nhs",
    "nhsnumber",
    "nhsno",
    "patient",
    "patientid",
    "patientname",
    "personid",
    "memberid",
    "firstname",
    "lastname",
    "surname",
    "givenname",
    "familyname",
    "fullname",
    "customername",
    "customeremail",
    "customerid",
];

/// Names that identify a person in a health table, and a place of business elsewhere.
const CONTACT: [&str; 13] = [
    "name",
    "address",
    "street",
    "email",
    "mail",
    "phone",
    "telephone",
    "mobile",
    "postcode",
    "zip",
    "gender",
    "sex",
    "age",
];

/// Refuses personal columns; whether none was found.
pub(crate) fn check(role: Role, file: &str, names: &[String], findings: &mut Findings) -> bool {
    let mut clean = true;
    for name in names {
        let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let personal = PERSONAL.contains(&plain.as_str())
            || (role == Role::Health
                && (CONTACT.contains(&plain.as_str())
                    || ["email", "phone", "address", "birth", "patient", "ssn", "mrn"]
                        .iter()
                        .any(|part| plain.contains(part))));
        if personal {
            clean = false;
            let place = Place { file: file.to_owned(), line: Some(1), column: Some(name.clone()), mark: None };
            findings.say(Diagnostic::error(
                Refusal::Privacy,
                "E-PRV-001",
                place,
                format!("the column {} of `{}` identifies persons", shown(name), role.name()),
                "leave it out of the file; give zone-level counts only",
            ));
        }
    }
    clean
}

/// Whether a text has the form of a person's identifier: an e-mail address, or digits grouped like
/// a social security or telephone number.
pub(crate) fn looks_personal(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let digits = |group: &&str, length: usize| group.len() == length && group.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = matches!(groups.as_slice(), [a, b, c] if
        (digits(a, 3) && digits(b, 2) && digits(c, 4)) || (digits(a, 3) && digits(b, 3) && digits(c, 4)));
    let mail = text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    grouped || mail
}
