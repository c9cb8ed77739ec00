load_data <- function() {
  data.frame(n = c(1, 2))
}
