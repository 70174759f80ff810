//! Study to HTML and Excel; recomputes no figure
